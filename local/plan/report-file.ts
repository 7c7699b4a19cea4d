import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const BUFFERED_CHARACTERS = 1 << 16;

/**
 * Writes a plan's report as it comes: the choices one by one, then the figures. The file gets its name only when it is
 * complete, so there is never half a report.
 */
export class ReportFile {
  readonly #path: string;
  readonly #partial: string;
  readonly #file: number;
  #text = '{"chosen": [';
  #separator = '\n';

  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#file = openSync(this.#partial, 'w');
  }

  /** Adds a choice; member and offer are JSON. */
  add(member: string, offer: string): void {
    this.#text += `${this.#separator}{"member": ${member}, "offer": ${offer}}`;
    this.#separator = ',\n';
    if (this.#text.length >= BUFFERED_CHARACTERS) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    this.#text = '';
  }

  /** Ends the report with its figures. */
  finish(figures: Record<string, unknown>): void {
    this.#text += `\n], ${JSON.stringify(figures).slice(1)}\n`;
    this.#flush();
    closeSync(this.#file);
    renameSync(this.#partial, this.#path);
  }

  abandon(): void {
    closeSync(this.#file);
    rmSync(this.#partial, { force: true });
  }
}
