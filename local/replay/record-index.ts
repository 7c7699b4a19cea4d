const FIRST_CAPACITY = 65_536;

/**
 * Where each record of an input starts, in bytes from the start of the file. It holds 8 bytes a record, so that an input of any
 * size can be sent in any order without being in memory. Records are numbered from 0. An unreadable record is
 * counted too, and its start is kept as a negative value.
 */
export class RecordIndex {
  #starts = new Float64Array(FIRST_CAPACITY);
  #length = 0;
  #sendable = 0;

  add(start: number, isSendable: boolean): void {
    if (this.#length === this.#starts.length) {
      const larger = new Float64Array(this.#starts.length * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[this.#length++] = isSendable ? start : -start - 1;
    if (isSendable) this.#sendable += 1;
  }

  /** The numbers of the records that can be sent, in order. */
  sendable(): Uint32Array {
    const records = new Uint32Array(this.#sendable);
    let count = 0;
    for (let record = 0; record < this.#length; record++) {
      if (this.#starts[record]! >= 0) records[count++] = record;
    }
    return records;
  }

  start(record: number): number {
    const start = this.#starts[record]!;
    return start >= 0 ? start : -start - 1;
  }

  /** Where a record ends: at the next one's start, or at the end of the file. */
  end(record: number, fileBytes: number): number {
    return record + 1 < this.#length ? this.start(record + 1) : fileBytes;
  }
}
