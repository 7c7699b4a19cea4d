/** A store of objects under keys, such as S3. Its callers rely on exactly what is stated here. */
export type Objects = {
  /** Stores an object under a key, in place of an earlier one. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** The object under a key; undefined if there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Begins an object that comes in parts, and returns the upload's id. The object cannot be read before `endUpload`. */
  beginUpload(key: string): Promise<string>;
  /**
   * Stores a part, counted from 1, and returns its tag. A part that comes again replaces the earlier one. Every part but the last
   * one has at least 5 MiB.
   */
  uploadPart(key: string, upload: string, number: number, body: Uint8Array): Promise<string>;
  /** Puts the object together from its parts, whose tags are given in order. Ending an upload again changes nothing. */
  endUpload(key: string, upload: string, tags: readonly string[]): Promise<void>;
};
