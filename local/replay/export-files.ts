import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { fileObjects } from './file-objects.ts';

/** Where the publications of an export are: `draw.published.ndjson` beside `draw.ndjson`. */
export const publishedFileOf = (file: string): string => `${file.replace(/\.ndjson$/, '')}.published.ndjson`;

/**
 * Exports a draw that is over into a file, and its publications beside it. Intermediate results are stored in a temporary
 * directory beside them, by the store that `objectsIn` opens.
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
