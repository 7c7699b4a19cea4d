/** How a draw in slots stores refunds: packed to cost little, because most refunds are of orders that never won. */
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { compareText } from '#platform/collections.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { EntryBlock } from './entry-block.ts';

/** One refund: the participation of its order, the id of its event, and its amount. */
export type Refund = { participation: string; eventId: string; fen: number };

/** How much was refunded, in fen, by participation. */
export type GivenBack = ReadonlyMap<string, number>;

/** Blocks of earlier versions hold orders instead of refunds, see entry-block.ts. */
const FORMAT_VERSION = 4;
/** A refund takes at most 60 bytes, so a block is far below an item's 400 KB. */
const REFUNDS_PER_BLOCK = 5_000;

const byText = (a: Refund, b: Refund): number =>
  compareText(a.participation, b.participation) || compareText(a.eventId, b.eventId) || a.fen - b.fen;

const packOne = (refunds: readonly Refund[]): EntryBlock => {
  const lines = new ByteWriter();
  for (const { participation, eventId, fen } of refunds) {
    lines.text(participation);
    lines.text(eventId);
    lines.uint(fen);
  }
  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(refunds.length);
  body.raw(deflate(lines.bytes(), 9));
  return { id: fingerprintOf(body.bytes()), body: body.bytes() };
};

/** Packs refunds into blocks. The result does not depend on the order in which the refunds come. */
export const packRefunds = (refunds: readonly Refund[]): EntryBlock[] => {
  const sorted = refunds.toSorted(byText);
  return Array.from({ length: Math.ceil(sorted.length / REFUNDS_PER_BLOCK) }, (_, i) =>
    packOne(sorted.slice(i * REFUNDS_PER_BLOCK, (i + 1) * REFUNDS_PER_BLOCK)),
  );
};

/** Reads a block's refunds back; undefined for a block of an earlier version. */
export const unpackRefunds = (body: Uint8Array): Refund[] | undefined => {
  const reader = new ByteReader(body);
  if (reader.uint() !== FORMAT_VERSION) return undefined;
  const stated = reader.uint();
  const lines = new ByteReader(inflate(reader.rest()));
  return Array.from({ length: lines.holding(stated) }, () => ({
    participation: lines.text(),
    eventId: lines.text(),
    fen: lines.uint(),
  }));
};

/** Adds up refunds by participation, each event once. Of two amounts under one event id the smaller counts. */
export const sumRefunds = (refunds: Iterable<Refund>): GivenBack => {
  const events = new Map<string, Map<string, number>>();
  for (const { participation, eventId, fen } of refunds) {
    const ofOrder = events.get(participation) ?? new Map<string, number>();
    events.set(participation, ofOrder);
    ofOrder.set(eventId, Math.min(fen, ofOrder.get(eventId) ?? fen));
  }
  return new Map(
    [...events].map(([participation, ofOrder]) => [
      participation,
      ofOrder.values().reduce((sum, fen) => sum + fen, 0),
    ]),
  );
};
