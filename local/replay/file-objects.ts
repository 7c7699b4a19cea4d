/** Objects in the files of a directory, in place of S3. */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Objects } from '#platform/objects.ts';

type Upload = { file: number; path: string; ends: number[] };

/** A store of objects in the files of a directory, for one process. */
export const fileObjects = (directory: string): Objects => {
  const uploads = new Map<string, Upload>();
  const pathOf = (key: string): string => {
    const path = join(directory, key);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  return {
    put: async (key, body) => writeFileSync(pathOf(key), body),
    get: async (key) => {
      try {
        return readFileSync(pathOf(key));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw cause;
      }
    },
    beginUpload: async (key) => {
      const upload = `upload-${uploads.size}`;
      const path = `${pathOf(key)}.${upload}`;
      uploads.set(upload, { file: openSync(path, 'w'), path, ends: [0] });
      return upload;
    },
    uploadPart: async (_, upload, number, body) => {
      const { file, ends } = uploads.get(upload)!;
      const start = ends[number - 1];
      if (start === undefined) throw new Error(`part ${number}: expected one of 1 to ${ends.length}`);
      for (let written = 0; written < body.length; )
        written += writeSync(file, body, written, body.length - written, start + written);
      ends[number] = start + body.length;
      return String(number);
    },
    endUpload: async (key, upload) => {
      const { file, path } = uploads.get(upload)!;
      closeSync(file);
      renameSync(path, pathOf(key));
    },
  };
};
