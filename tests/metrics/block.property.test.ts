import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BLOCK_BYTES, packBlocks, unpackBlock } from '#domain/metrics/block.ts';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { eventIdOf } from '#platform/hash.ts';
import { metricEvents, paid } from './factories.ts';

describe('a block', () => {
  it('gives back the set of its events', () => {
    fc.assert(
      fc.property(metricEvents(), (events) => {
        const packed = packBlocks(events.map(toBlockEvent));
        const expected = new Set(events.map((event) => JSON.stringify(toBlockEvent(event))));
        expect(
          new Set(packed.flatMap(({ body }) => unpackBlock(body)).map((e) => JSON.stringify(e))),
        ).toEqual(expected);
      }),
    );
  });

  it('is the same whatever the order and repetition of its events', () => {
    fc.assert(
      fc.property(
        metricEvents().chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
          ),
        ),
        ([events, again]) => {
          expect(packBlocks(again.map(toBlockEvent))).toEqual(packBlocks(events.map(toBlockEvent)));
        },
      ),
    );
  });

  it('splits where it would outgrow an item, and loses nothing', () => {
    const events = Array.from({ length: 40_000 }, (_, i) =>
      toBlockEvent(paid({ order: `o${i}`, brand: `brand-${eventIdOf('b', String(i))}`, member: `m${i}` })),
    );
    const blocks = packBlocks(events);
    expect(blocks.length).toBeGreaterThan(1);
    for (const { body } of blocks) expect(body.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
    expect(blocks.flatMap(({ body }) => unpackBlock(body))).toHaveLength(events.length);
  });

  it('refuses bytes of another version', () => {
    expect(() => unpackBlock(new Uint8Array([9, 0]))).toThrow('block version: expected 4, got 9');
  });
});
