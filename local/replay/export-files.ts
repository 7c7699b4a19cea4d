import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { fileObjects } from './file-objects.ts';

/** The file with the publications of a draw, beside the file of its export: `draw.published.ndjson` beside `draw.ndjson`. */
export const publishedFileOf = (file: string): string => `${file.replace(/\.ndjson$/, '')}.published.ndjson`;

/**
 * Writes the export of a finished draw to a file, and the draw's publications to another file beside it. Intermediate results
 * are in the store that `objectsIn` opens, in a temporary directory beside the files.
 */
export const exportToFiles = async (
  runtime: Runtime,
  campaignId: string,
  file: string,
  objectsIn: (directory: string) => Objects = fileObjects,
): Promise<void> => {
  const work = mkdtempSync(join(dirname(file), '.export-'));
  try {
    const place = { campaignId, revision: 'local' };
    await exportDraw(runtime, objectsIn(work), place);
    renameSync(join(work, exportObject(place)), file);
    renameSync(join(work, publicObject(place)), publishedFileOf(file));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
