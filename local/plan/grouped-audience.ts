/** Reads the candidates of a plan from the file in which they are grouped by member. */
import { CandidateList } from '#domain/allocation/candidates.ts';
import type { Grouped } from './grouping.ts';
import type { Audience } from './plan-audience.ts';
import { RecordReader } from './record.ts';

const CHUNK_BYTES = 1 << 22;
const INITIAL_OFFERS = 1 << 16;

/** Members with their offers, and where in a chunk of the file the record of each offer is. */
export class NamedCandidates extends CandidateList {
  records = new RecordReader(Buffer.alloc(0));
  recordAt = new Uint32Array(INITIAL_OFFERS);

  /** Adds the offer whose record starts at `at`. */
  addRecord(at: number): void {
    const { records, offers } = this;
    if (offers === this.recordAt.length) {
      const grown = new Uint32Array(offers * 2);
      grown.set(this.recordAt);
      this.recordAt = grown;
    }
    this.recordAt[offers] = at;
    this.offer(records.value(at), records.costFen(at), records.pool(at));
  }
}

/** The candidates of a grouped file as an audience; one chunk of the file is in memory at a time. */
export class GroupedAudience implements Audience {
  readonly #grouped: Grouped;

  constructor(grouped: Grouped) {
    this.#grouped = grouped;
  }

  *parts(): Generator<NamedCandidates> {
    const { file } = this.#grouped;
    const part = new NamedCandidates();
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let from = 0;
    let kept = 0;
    for (;;) {
      const filled = kept + file.read(buffer, kept, from);
      const isLast = from + filled - kept >= file.bytes;
      from += filled - kept;
      const records = new RecordReader(buffer);
      part.clear();
      part.records = records;
      // The last member of a chunk may continue in the next one, unless this is the end.
      let lastMember = 0;
      let at = 0;
      for (let end = records.endOf(at, filled); end !== undefined; end = records.endOf(at, filled)) {
        if (records.isFirst(at)) {
          lastMember = at;
          part.member(records.hash(at));
        }
        part.addRecord(at);
        at = end;
      }
      if (isLast) {
        yield part;
        return;
      }
      if (lastMember === 0) {
        // One member fills the chunk, so the buffer grows, and more of the file is read.
        const grown = Buffer.allocUnsafe(buffer.length * 2);
        buffer.copy(grown, 0, 0, filled);
        buffer = grown;
        kept = filled;
        continue;
      }
      part.members--;
      yield part;
      buffer.copyWithin(0, lastMember, filled);
      kept = filled - lastMember;
    }
  }
}
