import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import type { Sendable } from './sources/source.ts';
import { splitBody } from './split-body.ts';

/** A message body, its length in bytes, and how many records of the input are in it. */
export type Message = { body: string; bytes: number; records: number };

const BRACKETS_BYTES = 2;

/**
 * Packs events into message bodies that are CloudEvents batches of at most `eventsMax` events and within SQS's limit;
 * what goes alone becomes a body of its own at once. Events are joined as text, so nothing in them is rewritten.
 */
export const packer = (eventsMax: number, bytesMax = SQS_MESSAGE_BYTES_MAX) => {
  const lanes = { events: lane(eventsMax, bytesMax), control: lane(eventsMax, bytesMax) };
  return {
    /** Takes what is to be sent and gives the messages that are complete now. */
    add({ text, alone }: Sendable): Message[] {
      if (alone) return [{ body: text, bytes: Buffer.byteLength(text), records: 1 }];
      // Events of two queues share no message, so that none has to be taken apart and written anew.
      return lanes[splitBody(text).control === undefined ? 'events' : 'control'].add(text);
    },
    /** Gives the last messages, which may not be full. */
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
