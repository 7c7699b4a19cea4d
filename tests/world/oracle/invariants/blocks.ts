import type { Campaigns } from '../campaigns.ts';
import type { Invariant } from '../invariant.ts';
import type { Item } from '../observation.ts';

const BLOCK = 'BLOCK#';
const PENDING = 'PENDING#';
const PENDING_SET = 'PENDING';
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** How long a message about a block may lie in a dead-letter queue before somebody redrives it (SQS's maximum). */
const DEAD_LETTER_MS = 14 * DAY_MS;

/**
 * Until when a block must be there: a message may come at the end of its window's horizon, and then lie in a dead-letter queue.
 */
const neededUntilMs = (campaigns: Campaigns, window: string, atMs: number): number => {
  const [campaignId = '', , start = ''] = window.split('#');
  const { windowMs = 0, horizonMs = 0 } = campaigns.get(campaignId) ?? {};
  return Math.max(Date.parse(start) + windowMs + horizonMs, atMs) + DEAD_LETTER_MS;
};

/** The blocks that an item says are pending. */
const pendingOf = (item: string, after: Item | undefined): string[] => {
  const texts =
    item === PENDING_SET ? (after?.blocks?.SS ?? []) : after && item.startsWith(PENDING) ? [item] : [];
  return texts.map((text) => text.slice(text.indexOf('/') + 1));
};

/** A block exists before anything says that it is pending, and is kept for as long as any message can still ask for it. */
export const blocks: Invariant = {
  name: 'blocks',
  begin: ({ campaigns }, report) => {
    const written = new Set<string>();
    return {
      onStep: ({ changes, atMs }) => {
        for (const { table, key, after } of changes) {
          if (table !== 'metrics') continue;
          const [window = '', item = ''] = key.split('\n');
          const [campaignId = ''] = window.split('#');
          if (item.startsWith(BLOCK) && after !== undefined) {
            written.add(`${campaignId} ${item.slice(BLOCK.length)}`);
            const keptMs = Number(after.expiresAt?.N) * SECOND_MS;
            // A day of tolerance is far more than the seconds by which workers' clocks differ.
            if (!(keptMs + DAY_MS > neededUntilMs(campaigns, window, atMs)))
              report(
                atMs,
                `${window} ${item}: expires at ${new Date(keptMs).toISOString()}, when a message may still ask for it`,
              );
          }
          for (const id of pendingOf(item, after))
            if (!written.has(`${campaignId} ${id}`))
              report(atMs, `${window}: ${id} is pending and was never written`);
        }
      },
    };
  },
};
