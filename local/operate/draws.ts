/** Publishes, fetches and opens the exports of draws. */
import { createWriteStream, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { currentObject, FIRST_REVISION, publicObject } from '#domain/free-orders/audit/public-facts.ts';
import { requestPublication } from '#domain/free-orders/audit/publish.ts';
import { type Published, parsePublished } from '#domain/free-orders/audit/published.ts';
import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import type { PublicFacts } from '#domain/free-orders/draw/facts.ts';
import { readFacts, readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { readSlots } from '#domain/free-orders/entries/draws-table.ts';
import { slotCount } from '#events/sections/free-orders.ts';
import { InputError } from '#local/console/input-error.ts';
import type { Objects } from '#platform/objects.ts';
import { publishedFileOf } from '../replay/export-files.ts';
import { unknownCampaign } from './campaigns.ts';
import type { Target } from './target.ts';

const POLL_MS = 500;
/** Longer than the export of a hundred million orders takes. */
const PATIENCE_MS = 2 * 3_600_000;
const NEWLINE = 0x0a;
/** When a draw is over, for those who ask too early. */
const WHEN_OVER = {
  instant: 'an instant draw is over an hour after its announced end, or after its opening if that is later',
  slot: 'a draw in slots is over once its last slot is drawn',
};

/** The bucket of a pipeline, where its publisher stores what is public of draws, and their exports. */
type Publications = { s3: S3Client; bucket: string; objects: Objects };

const publicationsOf = async (target: Target): Promise<Publications> => {
  const bucket = target.output('PublicationsBucketName');
  // The client and the module are loaded here, because only the commands for draws need them.
  const [s3, { s3Objects }] = await Promise.all([target.s3(), import('#platform/s3-objects.ts')]);
  return { s3, bucket, objects: s3Objects(s3, bucket) };
};

const factsOf = async ({ runtime }: Target, campaignId: string): Promise<PublicFacts> => {
  const opening = await readFacts(runtime, campaignId);
  if (opening === undefined) throw unknownCampaign(campaignId);
  return opening.facts;
};

const readPublished = async (objects: Objects, key: string): Promise<Published | undefined> => {
  const bytes = await objects.get(key);
  if (bytes === undefined) return undefined;
  const parsed = parsePublished(Buffer.from(bytes).toString());
  if (parsed.ok) return parsed.published;
  throw new Error(`object ${key}: ${parsed.message}`);
};

/** How many slots there are, and how many of them have a public statement. An instant draw has no slots. */
const slotsOf = async (
  { runtime }: Target,
  { campaignId, startsAt, endsAt, freeOrders }: PublicFacts,
): Promise<{ slots: number; closed: number }> => {
  if (freeOrders.mode === 'instant') return { slots: 0, closed: 0 };
  const slots = slotCount(Date.parse(startsAt), Date.parse(endsAt), freeOrders.slotSeconds);
  const states = await readSlots(runtime, campaignId, slots);
  return { slots, closed: states.filter(({ kind }) => kind === 'closed' || kind === 'drawn').length };
};

export type PublishedDraw = {
  campaignId: string;
  bucket: string;
  /** The object of what is public so far. */
  published: string;
  seedCommitment: string;
  slots: number;
  /** How many slots have a public statement. */
  closed: number;
  /** The export's object and root; left out while the draw is not over. */
  export?: string;
  root?: string;
};

/** Looks until something is there. Throws after {@link PATIENCE_MS}. */
const waitFor = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLL_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`${what}: expected it to be published, got nothing; zhihui doctor says what is wrong`);
};

/**
 * Has the publisher store what is public of a draw and, if the draw is over, its export. Waits until that is
 * stored. `anew` makes another export with the refunds until now, named by the present time. Throws an
 * InputError for a campaign without a draw.
 */
export const publishDraw = async (
  target: Target,
  campaignId: string,
  anew: boolean,
): Promise<PublishedDraw> => {
  const facts = await factsOf(target, campaignId);
  const { runtime } = target;
  const { bucket, objects } = await publicationsOf(target);
  const isOver = (await readRevealedSeed(runtime, campaignId)) !== undefined;
  const counts = await slotsOf(target, facts);
  const revision = anew
    ? new Date(runtime.clock.nowMs()).toISOString().replaceAll(/[^0-9TZ]/g, '')
    : FIRST_REVISION;
  await requestPublication(runtime, [{ campaignId, revision }]);
  const place = { campaignId, revision };
  const key = isOver ? publicObject(place) : currentObject(campaignId);
  const published = await waitFor(`campaign ${campaignId}`, async () => {
    const found = await readPublished(objects, key);
    return (found?.slots?.size ?? 0) >= counts.closed ? found : undefined;
  });
  return {
    campaignId,
    bucket,
    published: key,
    seedCommitment: facts.seedCommitment,
    slots: counts.slots,
    closed: published.slots?.size ?? 0,
    ...(published.root === undefined ? {} : { export: exportObject(place), root: published.root }),
  };
};

/** The last complete export, and what was published with it. If there is none, one is made first. */
const lastExport = async (
  target: Target,
  campaignId: string,
): Promise<{ key: string; published: Published; text: Uint8Array; from: Publications }> => {
  const { freeOrders } = await factsOf(target, campaignId);
  if ((await readRevealedSeed(target.runtime, campaignId)) === undefined)
    throw new InputError(
      `campaign ${campaignId}: expected a draw that is over, got one whose seed is not revealed yet; ${WHEN_OVER[freeOrders.mode]}`,
    );
  const from = await publicationsOf(target);
  const { s3, bucket, objects } = from;
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const prefix = `draws/${campaignId}/`;
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/' }));
  const names = (listed.CommonPrefixes ?? []).map(({ Prefix: name }) => name!.slice(prefix.length, -1));
  const byTime = names.filter((name) => name !== FIRST_REVISION).sort();
  for (const revision of [...byTime.reverse(), FIRST_REVISION]) {
    const place = { campaignId, revision };
    const text = await objects.get(publicObject(place));
    const published = text && (await readPublished(objects, publicObject(place)));
    if (published !== undefined) return { key: exportObject(place), published, text: text!, from };
  }
  await publishDraw(target, campaignId, false);
  return lastExport(target, campaignId);
};

const bytesOf = async ({ s3, bucket }: Publications, key: string): Promise<AsyncIterable<Buffer>> => {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return body as unknown as AsyncIterable<Buffer>;
};

/** The bytes of the last export of a draw, what was published with it, and where it is. */
export const openExported = async (
  target: Target,
  campaignId: string,
): Promise<{ name: string; chunks: AsyncIterable<Buffer>; published: Published }> => {
  const { key, published, from } = await lastExport(target, campaignId);
  return { name: `s3://${from.bucket}/${key}`, chunks: await bytesOf(from, key), published };
};

export type ExportedDraw = {
  campaignId: string;
  /** The draw, for anybody to verify. */
  file: string;
  /** What was published of the draw: facts, slots and the export's root. */
  publishedFile: string;
  /** The number of lines in `file`. */
  lines: number;
};

/**
 * Writes the last export of a draw, and what was published of it, as `zhihui verify` reads them. Throws an InputError if there is
 * no such campaign, if it has no free orders, or if its draw is not over.
 */
export const exportDrawOf = async (
  target: Target,
  campaignId: string,
  file: string,
): Promise<ExportedDraw> => {
  const { key, text, from } = await lastExport(target, campaignId);
  const publishedFile = publishedFileOf(file);
  let lines = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
      yield chunk;
    }
  };
  await pipeline(await bytesOf(from, key), counted, createWriteStream(file));
  writeFileSync(publishedFile, text);
  return { campaignId, file, publishedFile, lines };
};
