import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Input } from './options.ts';
import { ndjsonSource } from './sources/ndjson.ts';
import { orderTableSource } from './sources/order-table.ts';
import { InputError, type Source } from './sources/source.ts';

const STANDARD_INPUT = '-';

export type OpenedInput = { source: Source; close: () => Promise<void> };

/**
 * Opens what the options name. Standard input is copied to a temporary file first, since an input is read twice; closing
 * removes it. Throws an InputError where there is nothing to read.
 */
export const openInput = async (input: Input, stdin: NodeJS.ReadableStream): Promise<OpenedInput> => {
  switch (input.kind) {
    case 'events': {
      if (input.file !== STANDARD_INPUT) {
        return { source: await openEvents(input.file, input.file, '--events '), close: async () => {} };
      }
      const directory = await mkdtemp(join(tmpdir(), 'zhihui-'));
      const close = () => rm(directory, { recursive: true, force: true });
      const file = join(directory, 'standard-input.ndjson');
      try {
        await pipeline(stdin, createWriteStream(file));
        return { source: await openEvents(file, 'standard input', ''), close };
      } catch (error) {
        await close();
        throw error;
      }
    }
    case 'orders': {
      const { file, columns, amountUnit, timeZone } = input;
      const bytes = await sizeOf(file, '--orders ');
      const source = await orderTableSource(file, file, bytes, columns, { amountUnit, timeZone });
      return { source, close: async () => {} };
    }
    default:
      return input satisfies never;
  }
};

const openEvents = async (path: string, name: string, option: string): Promise<Source> =>
  ndjsonSource(path, name, await sizeOf(path, option));

const sizeOf = async (path: string, option: string): Promise<number> => {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new InputError(`${option}${path}: ${cause.code === 'ENOENT' ? 'no such file' : cause.message}`, {
      cause,
    });
  });
  if (!found.isFile()) throw new InputError(`${option}${path}: expected a file`);
  return found.size;
};
