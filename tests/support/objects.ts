import type { Objects } from '#platform/objects.ts';

/** An empty store, for draws that are too small to store objects. */
export const emptyBucket = (): Objects => new MemoryObjects();

/** A store of objects in memory. Each call goes through `call`, which may make it fail. */
export class MemoryObjects implements Objects {
  readonly stored = new Map<string, Uint8Array>();
  readonly #uploads = new Map<string, Map<number, Uint8Array>>();
  readonly #call: <Result>(happen: () => Promise<Result>) => Promise<Result>;
  reads = 0;
  readBytes = 0;
  writes = 0;
  writtenBytes = 0;

  constructor(call: <Result>(happen: () => Promise<Result>) => Promise<Result> = (happen) => happen()) {
    this.#call = call;
  }

  #wrote(body: Uint8Array): void {
    this.writes++;
    this.writtenBytes += body.length;
  }

  put(key: string, body: Uint8Array): Promise<void> {
    return this.#call(async () => {
      this.#wrote(body);
      this.stored.set(key, body);
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#call(async () => {
      const body = this.stored.get(key);
      this.reads++;
      this.readBytes += body?.length ?? 0;
      return body;
    });
  }

  beginUpload(_key: string): Promise<string> {
    return this.#call(async () => {
      const upload = `upload-${this.#uploads.size}`;
      this.#uploads.set(upload, new Map());
      return upload;
    });
  }

  uploadPart(_key: string, upload: string, number: number, body: Uint8Array): Promise<string> {
    return this.#call(async () => {
      this.#wrote(body);
      this.#uploads.get(upload)!.set(number, body);
      return `tag-${number}`;
    });
  }

  endUpload(key: string, upload: string, tags: readonly string[]): Promise<void> {
    return this.#call(async () => {
      const parts = this.#uploads.get(upload)!;
      this.stored.set(key, Buffer.concat(tags.map((_, i) => parts.get(i + 1)!)));
    });
  }

  /** An object as text. */
  text(key: string): string {
    const body = this.stored.get(key);
    if (body === undefined) throw new Error(`object ${key}: expected one, got none`);
    return Buffer.from(body).toString();
  }
}
