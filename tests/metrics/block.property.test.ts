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
        // If the same content is sent several times, the earliest time of sending is kept.
        const expected = new Map<string, number>();
        for (const { sentMs, ...content } of events.map(toBlockEvent)) {
          const text = JSON.stringify(content);
          expected.set(text, Math.min(sentMs, expected.get(text) ?? sentMs));
        }
        const unpacked = packed.flatMap(({ body }) => unpackBlock(body));
        expect(unpacked).toHaveLength(expected.size);
        expect(new Map(unpacked.map(({ sentMs, ...content }) => [JSON.stringify(content), sentMs]))).toEqual(
          expected,
        );
      }),
    );
  });

  it('is the same in whatever order its events come, even if each comes twice', () => {
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

  it('keeps two events that say the same under different ids', () => {
    const [one, other] = [paid({ order: 'a' }), paid({ order: 'b' })].map(toBlockEvent);
    expect(packBlocks([one!, other!, one!]).flatMap(({ body }) => unpackBlock(body))).toHaveLength(2);
  });

  it('splits if it would outgrow an item, and loses nothing', () => {
    const events = Array.from({ length: 40_000 }, (_, i) =>
      toBlockEvent(paid({ order: `o${i}`, brand: `brand-${eventIdOf('b', String(i))}`, member: `m${i}` })),
    );
    const blocks = packBlocks(events);
    expect(blocks.length).toBeGreaterThan(1);
    for (const { body } of blocks) expect(body.length).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
    expect(blocks.flatMap(({ body }) => unpackBlock(body))).toHaveLength(events.length);
  });

  it('is refused if its version is unknown', () => {
    expect(() => unpackBlock(new Uint8Array([9, 0]))).toThrow('block version: expected 4 or 5, got 9');
  });
});
