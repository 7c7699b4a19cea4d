import { DAY_MS, SECOND_MS } from './duration.ts';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

/**
 * How long grants, draws, figures and rounds are kept after nothing of their campaign can come any more: three years of accounts
 * and proofs, and of sales to compare with. It is longer than the longest settlement of a coupon (366 days) and the time in which
 * refunds count (30 days) together.
 */
export const RETENTION_DAYS = 1_096;

/**
 * The attribute by which DynamoDB deletes an item, some days after its time: {@link RETENTION_DAYS} after `neededUntilMs`, or after
 * now if that is later, as in the replay of an old sale; in seconds since the epoch. No reader looks at it: until it is deleted, an expired item is as good as any other.
 */
export const expiryAfter = ({ clock }: Pick<Runtime, 'clock'>, neededUntilMs: number): Item => {
  const fromMs = Math.max(clock.nowMs(), neededUntilMs);
  return { expiresAt: { N: String(Math.ceil((fromMs + RETENTION_DAYS * DAY_MS) / SECOND_MS)) } };
};
