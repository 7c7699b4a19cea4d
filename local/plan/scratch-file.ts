import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary file without a name: it disappears when it is closed, or when the process ends, however that happens. */
export class ScratchFile {
  readonly #file: number;
  bytes = 0;

  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'plan-'));
    const path = join(directory, 'scratch');
    this.#file = openSync(path, 'wx+');
    unlinkSync(path);
    rmdirSync(directory);
  }

  /** Writes at the end. */
  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.bytes + done);
    }
    this.bytes += bytes.length;
  }

  /** Reads the file from position `from` into a buffer at position `into`. Returns the number of bytes read. */
  read(buffer: Uint8Array, into: number, from: number): number {
    let done = 0;
    while (into + done < buffer.length) {
      const read = readSync(this.#file, buffer, into + done, buffer.length - into - done, from + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The size of a file, or 0 if the size is unknown, as that of a pipe is. */
export const sizeOf = (file: number): number => {
  const status = fstatSync(file);
  return status.isFile() ? status.size : 0;
};
