import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import type { Sendable } from './sources/source.ts';
import { splitBody } from './split-body.ts';

/** A message body, its length in bytes, and how many records of the input are in it. */
export type Message = { body: string; bytes: number; records: number };

const BRACKETS_BYTES = 2;

/**
 * Packs events into message bodies that are CloudEvents batches of at most `eventsMax` events and within SQS's limit; an event
 * that must go alone becomes a body at once. Events are joined as text, so their contents stay unchanged.
 */
export const packer = (eventsMax: number, bytesMax = SQS_MESSAGE_BYTES_MAX) => {
  const lanes = { events: lane(eventsMax, bytesMax), control: lane(eventsMax, bytesMax) };
  return {
    /** Takes an event and returns the messages that are complete now. */
    add({ text, alone }: Sendable): Message[] {
      if (alone) return [{ body: text, bytes: Buffer.byteLength(text), records: 1 }];
      // Events for different queues never share a packed message, so no packed message has to be split later.
      return lanes[splitBody(text).control === undefined ? 'events' : 'control'].add(text);
    },
    /** Returns the last messages, which may not be full. */
    flush: (): Message[] => [...lanes.control.flush(), ...lanes.events.flush()],
  };
};

const lane = (eventsMax: number, bytesMax: number) => {
  let packed: string[] = [];
  let bytes = BRACKETS_BYTES;

  const flush = (): Message[] => {
    if (packed.length === 0) return [];
    const message = { body: `[${packed.join(',')}]`, bytes: bytes - 1, records: packed.length };
    packed = [];
    bytes = BRACKETS_BYTES;
    return [message];
  };

  return {
    add(text: string): Message[] {
      const textBytes = Buffer.byteLength(text);
      const before = packed.length === eventsMax || bytes + textBytes > bytesMax ? flush() : [];
      packed.push(text);
      bytes += textBytes + 1;
      return packed.length === eventsMax ? [...before, ...flush()] : before;
    },
    flush,
  };
};
