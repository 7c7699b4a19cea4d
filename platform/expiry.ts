import { DAY_MS, SECOND_MS } from './duration.ts';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

/**
 * How long grants, draws, figures and the progress of presales are kept once nothing more of their campaign can come: three years,
 * for accounts, proofs and comparisons with later sales. This is longer than the longest settlement of a coupon (366 days) and the time in which
 * refunds count (30 days) together.
 */
export const RETENTION_DAYS = 1_096;

/**
 * The attribute that makes DynamoDB delete an item: a time in seconds since the epoch. The item is deleted within some days after
 * it. The time is {@link RETENTION_DAYS} after `neededUntilMs`, or after now if that is later, as in the replay of an old sale. No reader looks at
 * the attribute: until it is deleted, an expired item counts as any other.
 */
export const expiryAfter = ({ clock }: Pick<Runtime, 'clock'>, neededUntilMs: number): Item => {
  const fromMs = Math.max(clock.nowMs(), neededUntilMs);
  return { expiresAt: { N: String(Math.ceil((fromMs + RETENTION_DAYS * DAY_MS) / SECOND_MS)) } };
};
