import { DAY_MS, SECOND_MS } from './duration.ts';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

/**
 * How long grants, draws, figures and the progress of presales are kept after their campaign has needed them for the last time:
 * three years, for accounts, proofs and comparisons with later sales. This is longer than the longest settlement of a coupon
 * (366 days) and the time in which refunds count (30 days) together.
 */
export const RETENTION_DAYS = 1_096;

/**
 * The attribute that makes DynamoDB delete an item: a time in seconds since the epoch. DynamoDB deletes the item within some days
 * after that time. It is {@link RETENTION_DAYS} after `neededUntilMs`, or after now if now is later, as in the replay of an old
 * sale. No reader looks at the attribute: until it is deleted, an expired item counts like any other.
 */
export const expiryAfter = ({ clock }: Pick<Runtime, 'clock'>, neededUntilMs: number): Item => {
  const fromMs = Math.max(clock.nowMs(), neededUntilMs);
  return { expiresAt: { N: String(Math.ceil((fromMs + RETENTION_DAYS * DAY_MS) / SECOND_MS)) } };
};
