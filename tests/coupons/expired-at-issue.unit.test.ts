import { describe, expect, it } from 'vitest';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { readGrantsOf } from '#domain/grants/grant-statements.ts';
import { eventId, open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { coupons, definition, offer, order, START_MS } from './factories.ts';

const MINUTE_MS = 60_000;
const NOW_MS = START_MS + 180 * MINUTE_MS;
const CAMPAIGN = 'sale';

/**
 * The grants of a member whose order comes at `nowMs`, late by `lateMinutes`. The order of another member,
 * late by `lagMinutes`, comes before it.
 */
const grantsFor = async (lateMinutes: number, lagMinutes: number, nowMs = NOW_MS) => {
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables() },
    clock: { nowMs: () => nowMs, wait: async () => {} },
  });
  await open(runtime, definition(CAMPAIGN, coupons({ offers: [offer({ validHours: 1 })] })));
  for (const [member, minutes] of [
    ['others', lagMinutes],
    ['m1', lateMinutes],
  ] as const) {
    const timeMs = nowMs - minutes * MINUTE_MS;
    const event = order({ id: eventId(member), orderId: member, member, timeMs });
    const { failures } = await processMemberEvents(runtime, [{ event, campaigns: [CAMPAIGN] }], { nowMs });
    expect([...failures.values()]).toEqual([]);
  }
  return readGrantsOf(runtime, 'm1');
};

describe('a coupon that is valid for an hour, for an order that comes late', () => {
  it.each([0, 5, 50])(
    'is not issued after its expiry or in the minute before it, when the previous order came %i minutes late',
    async (lag) => {
      for (const late of [59, 60, 62, 64])
        expect(await grantsFor(late, lag), `${late} minutes late`).toEqual([]);
    },
  );

  it.each([0, 5, 50])(
    'is issued while it has two minutes left, when the previous order came %i minutes late',
    async (lag) => {
      const [grant] = await grantsFor(58, lag);
      expect(grant!.expiresMs - NOW_MS).toBe(2 * MINUTE_MS);
    },
  );

  it('is issued if an old sale is replayed, because the time in that sale counts, not the real time', async () => {
    expect(await grantsFor(24 * 60 * 300, 24 * 60 * 300, START_MS + 301 * 24 * 60 * MINUTE_MS)).toHaveLength(
      1,
    );
  });
});
