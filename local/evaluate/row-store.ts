/** Keeps the rows of a trial in a temporary file. */
import { ScratchFile } from '#local/plan/scratch-file.ts';

const NUMBER_BYTES = 8;
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Called for each row, with the numbers of many rows, the position among them at which the row starts, and its index. */
export type RowVisitor = (numbers: Float64Array, at: number, row: number) => void;

/** Rows of numbers, all of one width, in a temporary file, so that memory does not grow with the table. */
export class RowStore {
  readonly width: number;
  rows = 0;
  readonly #file = new ScratchFile();
  readonly #block: Float64Array<ArrayBuffer>;
  readonly #blockRows: number;
  #pending = 0;

  constructor(width: number) {
    this.width = width;
    this.#blockRows = Math.max(1, Math.floor(BLOCK_BYTES / (width * NUMBER_BYTES)));
    this.#block = new Float64Array(this.#blockRows * width);
  }

  append(row: ArrayLike<number>): void {
    this.#block.set(row, this.#pending * this.width);
    this.#pending += 1;
    this.rows += 1;
    if (this.#pending === this.#blockRows) this.#flush();
  }

  #flush(): void {
    const bytes = this.#pending * this.width * NUMBER_BYTES;
    if (bytes > 0) this.#file.append(new Uint8Array(this.#block.buffer, 0, bytes));
    this.#pending = 0;
  }

  /** Visits all rows, in the order in which they were appended. */
  visit(visitor: RowVisitor): void {
    this.#flush();
    const numbers = new Float64Array(this.#blockRows * this.width);
    const bytes = new Uint8Array(numbers.buffer);
    for (let first = 0; first < this.rows; first += this.#blockRows) {
      const count = Math.min(this.#blockRows, this.rows - first);
      const length = count * this.width * NUMBER_BYTES;
      const read = this.#file.read(bytes.subarray(0, length), 0, first * this.width * NUMBER_BYTES);
      if (read !== length) throw new Error(`temporary file: expected ${length} bytes, got ${read}`);
      for (let i = 0; i < count; i++) visitor(numbers, i * this.width, first + i);
    }
  }

  close(): void {
    this.#file.close();
  }
}
