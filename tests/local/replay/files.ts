import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for a test's files. */
export const temporaryDirectory = (): {
  path: string;
  write: (name: string, content: string | Buffer) => string;
  remove: () => void;
} => {
  const path = mkdtempSync(join(tmpdir(), 'zhihui-test-'));
  return {
    path,
    write: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
};
