import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packer } from '#local/replay/packer.ts';
import type { Sendable } from '#local/replay/sources/source.ts';

const anySendable: fc.Arbitrary<Sendable> = fc.oneof(
  { weight: 4, arbitrary: fc.json({ maxDepth: 1 }).map((text) => ({ text, alone: false })) },
  { weight: 1, arbitrary: fc.string().map((text) => ({ text, alone: true })) },
);

const BYTES_MAX = 300;

const pack = (sendables: readonly Sendable[], eventsMax: number) => {
  const packing = packer(eventsMax, BYTES_MAX);
  return [...sendables.flatMap((sendable) => packing.add(sendable)), ...packing.flush()];
};

describe('packed messages', () => {
  it('hold every event once and in order, and leave bodies that must be sent alone unchanged', () => {
    fc.assert(
      fc.property(fc.array(anySendable), fc.integer({ min: 1, max: 9 }), (sendables, eventsMax) => {
        const alone = sendables.filter((sendable) => sendable.alone).map(({ text }) => text);
        const events = sendables.filter((sendable) => !sendable.alone).map(({ text }) => JSON.parse(text));
        const bodies = pack(sendables, eventsMax).map(({ body }) => body);
        const rest = [...alone];
        const batches = bodies.filter((body) => {
          const isAlone = body === rest[0];
          if (isAlone) rest.shift();
          return !isAlone;
        });
        expect(rest).toEqual([]);
        expect(batches.flatMap((body) => JSON.parse(body))).toEqual(events);
      }),
    );
  });

  it('keep to the limits of events and bytes, and state their length', () => {
    fc.assert(
      fc.property(fc.array(anySendable), fc.integer({ min: 1, max: 9 }), (sendables, eventsMax) => {
        const messages = pack(sendables, eventsMax);
        for (const { body, bytes, records } of messages) {
          expect(bytes).toBe(Buffer.byteLength(body));
          expect(records).toBeGreaterThanOrEqual(1);
          expect(records).toBeLessThanOrEqual(eventsMax);
          if (records > 1) expect(bytes).toBeLessThanOrEqual(BYTES_MAX);
        }
        expect(messages.reduce((sum, { records }) => sum + records, 0)).toBe(sendables.length);
      }),
    );
  });

  it('are as few as possible', () => {
    const sendables = Array.from({ length: 250 }, (_, i) => ({ text: `${i % 10}`, alone: false }));
    const packing = packer(100);
    const messages = [...sendables.flatMap((sendable) => packing.add(sendable)), ...packing.flush()];
    expect(messages.map(({ records }) => records)).toEqual([100, 100, 50]);
  });
});
