import { countingOf } from '../campaigns.ts';
import type { Facts, Figures, Invariant, Seen } from '../invariant.ts';
import type { Change, Step } from '../observation.ts';

const WATERMARK = 'WATERMARK';
const PENDING = 'PENDING#';
const PENDING_SET = 'PENDING';
/**
 * No rollup takes this long, even with a pause. So even a worker that was not seen to look must know of a
 * block that has been pending for longer.
 */
const LONG_MS = 30 * 60_000;

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** A block that is pending: the start of its window, and since when. */
type Pending = { readonly startMs: number; readonly sinceMs: number };

/** For one campaign, the pending blocks by their partitions, and when each worker last looked at a partition. */
class Open {
  readonly #pending = new Map<string, Map<string, Pending>>();
  readonly #looked = new Map<string, number>();

  note({ key, after }: Change, atMs: number): void {
    const [partition = '', item = ''] = key.split('\n');
    const known = this.#pending.get(partition) ?? new Map<string, Pending>();
    this.#pending.set(partition, known);
    const texts =
      item === PENDING_SET ? (after?.blocks?.SS ?? []) : after ? [item.slice(PENDING.length)] : [];
    const places = new Set(texts.map((text) => `${item} ${text}`));
    for (const place of known.keys())
      if (place.startsWith(`${item} `) && !places.has(place)) known.delete(place);
    for (const text of texts) {
      const startMs = Date.parse(text.slice(0, text.indexOf('/')));
      const place = `${item} ${text}`;
      if (!known.has(place)) known.set(place, { startMs, sinceMs: atMs });
    }
  }

  look(worker: string, partition: string, atMs: number): void {
    this.#looked.set(`${worker} ${partition}`, atMs);
  }

  /** A block that was pending when this worker looked and still is, and whose window starts before `completeMs`. */
  missing(worker: string, completeMs: number, atMs: number): Pending | undefined {
    for (const [partition, blocks] of this.#pending) {
      const lookedMs = this.#looked.get(`${worker} ${partition}`) ?? atMs - LONG_MS;
      for (const block of blocks.values())
        if (block.startMs < completeMs && block.sinceMs < lookedMs) return block;
    }
    return undefined;
  }
}

/** The partition of pending blocks that a call asks for. */
const lookedAt = ({ operation, input }: Step): string | undefined => {
  if (operation !== 'Query') return undefined;
  const values = (input as { ExpressionAttributeValues?: Record<string, { S?: string }> })
    .ExpressionAttributeValues;
  const window = values?.[':window']?.S;
  return window?.includes('#pending#') ? window : undefined;
};

const campaignIn = (partition: string): string => partition.split('#')[0]!;

/**
 * The time up to which a campaign's figures must be complete in the end (`minMs`; undefined if no event surely counts), and the
 * time up to which they may be complete at most (`maxMs`).
 */
const endOf = (
  { ledger, campaigns }: Facts,
  campaignId: string,
): { minMs: number | undefined; maxMs: number } => {
  const campaign = campaigns.get(campaignId)!;
  let minMs: number | undefined;
  let maxMs = 0;
  for (const contents of ledger.orders.values()) {
    for (const order of contents) {
      const counting = countingOf(campaign, order);
      if (counting !== 'never') maxMs = Math.max(maxMs, order.timeMs);
      if (counting === 'certain' && contents.length === 1) minMs = Math.max(minMs ?? 0, order.timeMs);
    }
  }
  return { minMs, maxMs };
};

const faultAtEnd = (
  facts: Facts,
  { campaignId, watermarkMs }: Figures,
  newestMs: number | undefined,
): string | undefined => {
  const { minMs, maxMs } = endOf(facts, campaignId);
  if (watermarkMs !== undefined && watermarkMs > maxMs)
    return `complete up to ${isoOf(watermarkMs)}, though nothing came after ${isoOf(maxMs)}`;
  if (minMs !== undefined && (newestMs ?? 0) < minMs)
    return `the newest time in the end is ${newestMs === undefined ? 'none' : isoOf(newestMs)}, though ${isoOf(minMs)} was counted`;
  if (minMs !== undefined && (watermarkMs ?? 0) < minMs)
    return `complete up to ${watermarkMs === undefined ? 'no time' : isoOf(watermarkMs)} in the end, though ${isoOf(minMs)} was counted`;
  return undefined;
};

/**
 * "Complete up to" never goes back, and is never ahead of the truth: no block that was pending when a worker looked is of a
 * window before the time that this worker then calls complete. In the end, the newest time that is stored is that of the newest
 * event counted, and all is complete up to it.
 */
export const watermarkTruth: Invariant = {
  name: 'watermark-truth',
  begin: (facts, report) => {
    const open = new Map<string, Open>();
    const newest = new Map<string, number>();
    const ofCampaign = (campaignId: string): Open => {
      const known = open.get(campaignId) ?? new Open();
      open.set(campaignId, known);
      return known;
    };
    const checkRaise = ({ key, before, after }: Change, { atMs, step }: Seen): void => {
      const campaignId = campaignIn(key);
      if (after?.newestMs !== undefined) newest.set(campaignId, Number(after.newestMs.N));
      const [wasMs, completeMs] = [before, after].map((item) => Number(item?.completeMs?.N ?? 0));
      if (completeMs! < wasMs!)
        report(atMs, `${campaignId}: complete up to ${isoOf(wasMs!)}, then up to ${isoOf(completeMs!)}`);
      if (completeMs! <= wasMs!) return;
      const block = ofCampaign(campaignId).missing(step.worker, completeMs!, atMs);
      if (block !== undefined)
        report(
          atMs,
          `${campaignId}: complete up to ${isoOf(completeMs!)}, though a block of ${isoOf(block.startMs)} has been pending since ${isoOf(block.sinceMs)}`,
        );
    };
    return {
      onCall: (step) => {
        const partition = lookedAt(step);
        if (partition !== undefined)
          ofCampaign(campaignIn(partition)).look(step.worker, partition, step.atMs);
      },
      onStep: (seen) => {
        for (const change of seen.changes) {
          if (change.table !== 'metrics') continue;
          const item = change.key.slice(change.key.indexOf('\n') + 1);
          if (item === WATERMARK) checkRaise(change, seen);
          else if (item.startsWith(PENDING_SET)) ofCampaign(campaignIn(change.key)).note(change, seen.atMs);
        }
      },
      atEnd: ({ atMs, figures }) => {
        for (const one of figures.values()) {
          const fault = faultAtEnd(facts, one, newest.get(one.campaignId));
          if (fault !== undefined) report(atMs, `${one.campaignId}: ${fault}`);
        }
      },
    };
  },
};
