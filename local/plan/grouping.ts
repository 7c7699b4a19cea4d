/** Groups candidates by member in files, because there may be more than fit into memory. */
import type { CandidateLine } from './candidate-line.ts';
import { MAX_RECORD_BYTES, RecordReader, writeRecord } from './record.ts';
import { ScratchFile } from './scratch-file.ts';

/** How many bytes of the input go into one bucket. With the index of its members, a bucket takes about 60 MB of memory. */
const BUCKET_BYTES = 1 << 24;
/** The limit is low, because each bucket is an open file. */
const MAX_BUCKETS = 512;
/** For an input of unknown size: enough for 1 GB, or for more in larger buckets. */
const DEFAULT_BUCKETS = 64;
const WRITE_BYTES = 1 << 15;
const NO_RECORD = 0xffff_ffff;

/** The candidates, those of each member together. */
export interface Grouped {
  /** The records, one after the other. A chunk that is read from the file may end inside a record. */
  readonly file: ScratchFile;
  readonly candidates: number;
  readonly members: number;
}

class Bucket {
  readonly #file = new ScratchFile();
  readonly #buffer = Buffer.allocUnsafe(WRITE_BYTES + MAX_RECORD_BYTES);
  #filled = 0;

  add(line: CandidateLine): void {
    this.#filled = writeRecord(this.#buffer, this.#filled, line);
    if (this.#filled >= WRITE_BYTES) this.#flush();
  }

  #flush(): void {
    this.#file.append(this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** Returns everything that was added. It closes the bucket's file, so it works only once. */
  take(): Buffer {
    this.#flush();
    const bytes = Buffer.allocUnsafe(this.#file.bytes);
    this.#file.read(bytes, 0, 0);
    this.#file.close();
    return bytes;
  }
}

/**
 * Appends a bucket's records to a file. The records of a member stand together, in the order in which they came, and the members
 * are in the order of their first records.
 */
const appendGrouped = (records: Buffer, into: ScratchFile): { candidates: number; members: number } => {
  const reader = new RecordReader(records);
  const starts: number[] = [];
  for (let at = 0; at < records.length; at += reader.bytes(at)) starts.push(at);
  const next = new Uint32Array(starts.length).fill(NO_RECORD);
  const firsts: number[] = [];
  const lasts = new Map<string, number>();
  starts.forEach((at, n) => {
    const member = reader.memberKey(at);
    const last = lasts.get(member);
    lasts.set(member, n);
    if (last !== undefined) {
      next[last] = n;
      return;
    }
    firsts.push(n);
    reader.markFirst(at);
  });
  const grouped = Buffer.allocUnsafe(records.length);
  let filled = 0;
  for (const first of firsts) {
    for (let n = first; n !== NO_RECORD; n = next[n]!) {
      const at = starts[n]!;
      filled += records.copy(grouped, filled, at, at + reader.bytes(at));
    }
  }
  into.append(grouped);
  return { candidates: starts.length, members: firsts.length };
};

/**
 * Groups the candidates by member, in whatever order they come: members are hashed into buckets that fit into memory, and the
 * buckets are grouped one after the other (the partitioning of the GRACE hash join: M. Kitsuregawa, H. Tanaka, T. Moto-oka, New
 * Generation Computing 1, 1983).
 */
export class Grouping {
  readonly #buckets: Bucket[];
  readonly #bucketOf: (line: CandidateLine) => number;

  /** @param inputBytes the length of the input, 0 if unknown. */
  constructor(inputBytes: number, hashOf: (member: string) => number) {
    const count =
      inputBytes === 0 ? DEFAULT_BUCKETS : Math.min(MAX_BUCKETS, Math.ceil(inputBytes / BUCKET_BYTES));
    this.#buckets = Array.from({ length: count }, () => new Bucket());
    this.#bucketOf = ({ member }) => hashOf(member) % count;
  }

  add(line: CandidateLine): void {
    this.#buckets[this.#bucketOf(line)]!.add(line);
  }

  /** Groups everything added. */
  grouped(): Grouped {
    const file = new ScratchFile();
    let candidates = 0;
    let members = 0;
    for (const bucket of this.#buckets) {
      const counts = appendGrouped(bucket.take(), file);
      candidates += counts.candidates;
      members += counts.members;
    }
    return { file, candidates, members };
  }
}
