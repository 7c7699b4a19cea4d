import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { readFacts, readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { InputError } from '#local/console/input-error.ts';
import { unknownCampaign } from './campaigns.ts';
import type { Target } from './target.ts';

export type ExportedDraw = {
  campaignId: string;
  /** The draw, for anybody to verify. */
  file: string;
  /** What was public while it ran: facts, slots and the export's root. */
  publishedFile: string;
  /** The number of lines in `file`. */
  lines: number;
};

const publishedFileOf = (file: string): string => `${file.replace(/\.ndjson$/, '')}.published.ndjson`;

/**
 * Writes the draw of a campaign that is over, and what was published of it, as `zhihui verify` reads them. Throws an InputError
 * where there is no such campaign, it has no free orders, or its draw is not over.
 */
export const exportDrawOf = async (
  { runtime }: Target,
  campaignId: string,
  file: string,
): Promise<ExportedDraw> => {
  if ((await readFacts(runtime, campaignId)) === undefined) throw unknownCampaign(campaignId);
  if ((await readRevealedSeed(runtime, campaignId)) === undefined)
    throw new InputError(
      `campaign ${campaignId}: expected a draw that is over, got one whose seed is not revealed yet`,
    );
  const publishedFile = publishedFileOf(file);
  const out = openSync(file, 'w');
  let lines = 0;
  try {
    // Written line by line, so that an export may be larger than memory.
    const published = await exportDraw(runtime, campaignId, (line) => {
      writeSync(out, line);
      lines++;
    });
    const text = published.map((publication) => `${JSON.stringify(publication)}\n`).join('');
    writeFileSync(publishedFile, text);
  } finally {
    closeSync(out);
  }
  return { campaignId, file, publishedFile, lines };
};
