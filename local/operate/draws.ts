import { createReadStream } from 'node:fs';
import { readFacts, readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { InputError } from '#local/console/input-error.ts';
import { exportToFiles, publishedFileOf } from '../replay/export-files.ts';
import { unknownCampaign } from './campaigns.ts';
import type { Target } from './target.ts';

const NEWLINE = 0x0a;

export type ExportedDraw = {
  campaignId: string;
  /** The draw, for anybody to verify. */
  file: string;
  /** What was public while it ran: facts, slots and the export's root. */
  publishedFile: string;
  /** The number of lines in `file`. */
  lines: number;
};

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
  await exportToFiles(runtime, campaignId, file);
  let lines = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
    for (const byte of chunk) if (byte === NEWLINE) lines++;
  return { campaignId, file, publishedFile: publishedFileOf(file), lines };
};
