import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { HASH_RANGE } from '#platform/hash.ts';
import { mixed } from './candidates.ts';

/** The parts into which a bucket's members are divided by their places. */
const CELLS = 256;
/** Only buckets with at least this share of all money are written: there are at most 16, of some 1,300 bytes each. */
const HEAVY_SHARE = 1 / 16;
const PLACE_SALT = 0x6f66_6572;

/** Where a member stands among those that one price does not tell apart: 0 up to, but not including 1, by a hash of the member. */
export const placeOf = (hash: number): number => mixed(hash ^ PLACE_SALT) / HASH_RANGE;

/** What a histogram knows of its own money, in fen. */
type Money = { costFenOf(bucket: number): number; readonly allFen: number };

/**
 * How the money of a histogram's buckets is spread over the places of its members. Where many members tie, as newcomers do of
 * whom nothing is known, one bucket holds much of the money, and the share of its members whom a budget serves is chosen by
 * place. Of n members the budget would then be missed by about 1/√n; the cells tell where to stop.
 */
export class TieCells {
  readonly #fenOf = new Map<number, Float64Array>();

  /** Counts the fen of an edge of a member. */
  add(bucket: number, place: number, costFen: number): void {
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
   * The place before which a bucket's members cost so much, 0 to 1. Money that no cell holds counts as spread evenly.
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
    const heavy = [...this.#fenOf]
      .filter(([bucket]) => money.costFenOf(bucket) >= money.allFen * HEAVY_SHARE)
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
