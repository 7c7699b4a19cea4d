/** One pass over the entries of a sorted slot. Any worker can continue it where another one stopped. */
import { compress, decompress } from '#platform/compression.ts';
import { fix, readAllFixed, slotItem, slotItems, workPlace } from '../entries/export-items.ts';
import type { ExportRecord } from '../entries/export-record.ts';
import { type EntryKey, keyOf } from '../entries/sorted-runs.ts';
import { placeOf, type SlotWork, type SortedSlot } from './sort-slot.ts';

/** A pass is saved each time it has added this many records. Adding them takes some seconds. */
const PIECE_RECORDS = 500_000;

/** What a pass collects. `State` is its form in JSON. */
export type Pass<State> = {
  /** Different passes over a slot have different names. */
  readonly name: string;
  add: (record: ExportRecord) => void;
  state: () => State;
  /** Replaces all that was added before by a saved state. */
  restore: (state: State) => void;
};

type Saved<State> = { after: EntryKey; state: State };

/** The number of states saved so far, and the last of them, which contains the earlier ones. */
const lastSaved = async <State>(
  work: SlotWork,
  name: string,
): Promise<[number, Saved<State> | undefined]> => {
  const { runtime, objects, slot } = work;
  const keys = await readAllFixed<string>(runtime, placeOf(work), slotItems(name, slot));
  const key = keys.at(-1);
  if (key === undefined) return [0, undefined];
  const bytes = await objects.get(key);
  if (bytes === undefined) throw new Error(`object ${key}: expected a saved pass, got none`);
  return [keys.length, JSON.parse(Buffer.from(decompress(bytes)).toString()) as Saved<State>];
};

/** Saves the state of a pass. The state depends only on the sorted runs, so all workers save the same one. */
const save = async <State>(
  work: SlotWork,
  name: string,
  piece: number,
  saved: Saved<State>,
): Promise<void> => {
  const { runtime, objects, slot } = work;
  const place = placeOf(work);
  const key = `${workPlace(place)}/${slot}/${name}/${piece}`;
  await objects.put(key, compress(Buffer.from(JSON.stringify(saved))));
  await fix(runtime, place, slotItem(name, slot, piece), key);
};

/** Adds all records to a pass. Returns false if time runs out first; the pass is then saved as far as it has come. */
export const runPass = async <State>(
  work: SlotWork,
  sorted: SortedSlot,
  pass: Pass<State>,
): Promise<boolean> => {
  const pieceRecords = work.sizes.pieceRecords ?? PIECE_RECORDS;
  let piece = 0;
  let after: EntryKey | undefined;
  if (sorted.isStored) {
    const [pieces, saved] = await lastSaved<State>(work, pass.name);
    piece = pieces;
    after = saved?.after;
    if (saved !== undefined) pass.restore(saved.state);
  }
  let records = 0;
  for await (const record of sorted.records(after)) {
    pass.add(record);
    records += 1;
    if (!sorted.isStored || records % pieceRecords !== 0) continue;
    await save(work, pass.name, piece, { after: keyOf(record), state: pass.state() });
    piece += 1;
    if (work.isOver()) return false;
  }
  return true;
};
