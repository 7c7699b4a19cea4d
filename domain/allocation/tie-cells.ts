/** Says which of many members with equal efficiency a budget still serves. */
import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { HASH_RANGE } from '#platform/hash.ts';
import { mixed } from './candidates.ts';

/** The parts into which a bucket's members are divided by their places. */
const CELLS = 256;
/** Only buckets with at least this share of all money are written: there are at most 16, of some 1,300 bytes each. */
const HEAVY_SHARE = 1 / 16;
const PLACE_SALT = 0x6f66_6572;

/** A member's place among those that one price does not tell apart: a hash of the member, at least 0 and below 1. */
export const placeOf = (hash: number): number => mixed(hash ^ PLACE_SALT) / HASH_RANGE;

/** The money of a histogram, in fen. */
type Money = { costFenOf(bucket: number): number; readonly allFen: number };

/**
 * How the money of a histogram's buckets is spread over the places of their members. Newcomers, of whom nothing is known, tie:
 * one bucket then holds much of the money, and a budget serves only those members of the bucket who come first by place. If its n
 * members were taken as evenly spread, the budget would be missed by about 1/√n of it. The cells say at which place to stop.
 */
export class TieCells {
  readonly #fenOf = new Map<number, Float64Array>();
  readonly #only: number | undefined;

  /** @param only the only bucket that is counted; if undefined, all are counted. */
  constructor(only?: number) {
    this.#only = only;
  }

  /** Counts the fen of one edge, at the place of its member. */
  add(bucket: number, place: number, costFen: number): void {
    if (this.#only !== undefined && bucket !== this.#only) return;
    this.#cellsOf(bucket)[Math.floor(place * CELLS)]! += costFen;
  }

  #cellsOf(bucket: number): Float64Array {
    let cells = this.#fenOf.get(bucket);
    if (cells === undefined) {
      cells = new Float64Array(CELLS);
      this.#fenOf.set(bucket, cells);
    }
    return cells;
  }

  merge(other: TieCells): void {
    for (const [bucket, fen] of other.#fenOf) {
      const cells = this.#cellsOf(bucket);
      for (let cell = 0; cell < CELLS; cell++) cells[cell]! += fen[cell]!;
    }
  }

  /**
   * The place, 0 to 1, before which a bucket's members cost `wantedFen`. Money that no cell holds counts as spread evenly.
   *
   * @param wholeFen what all members of the bucket cost, above 0; `wantedFen` is at most this.
   */
  placeBefore(bucket: number, wantedFen: number, wholeFen: number): number {
    const cells = this.#fenOf.get(bucket);
    if (cells === undefined) return wantedFen / wholeFen;
    const evenFen = Math.max(0, wholeFen - cells.reduce((sum, fen) => sum + fen, 0)) / CELLS;
    let leftFen = wantedFen;
    for (let cell = 0; cell < CELLS; cell++) {
      const fen = cells[cell]! + evenFen;
      if (fen > leftFen) return (cell + leftFen / fen) / CELLS;
      leftFen -= fen;
    }
    return 1;
  }

  /** Writes the buckets that hold much of the money. */
  encode(writer: ByteWriter, money: Money): void {
    const leastFen = money.allFen * HEAVY_SHARE;
    const heavy = [...this.#fenOf]
      .filter(([bucket]) => money.costFenOf(bucket) >= leastFen)
      .sort(([a], [b]) => a - b);
    writer.uint(heavy.length);
    for (const [bucket, cells] of heavy) {
      writer.uint(bucket);
      writer.uints(cells);
    }
  }

  /** Reads back what {@link encode} wrote. */
  static decode(reader: ByteReader): TieCells {
    const ties = new TieCells();
    for (let buckets = reader.count(); buckets > 0; buckets--) {
      const cells = ties.#cellsOf(reader.uint());
      cells.set(reader.uints(CELLS));
    }
    return ties;
  }
}
