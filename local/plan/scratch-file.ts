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

/**
 * A temporary file that has no name: it is gone when it is closed, or when the process ends in whatever way.
 */
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

  /** Fills a buffer from its byte `into` on with what is in the file from `from` on. Returns how many bytes there were. */
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

/** How large a file is, or 0 if that cannot be said (a pipe). */
export const sizeOf = (file: number): number => {
  const status = fstatSync(file);
  return status.isFile() ? status.size : 0;
};
