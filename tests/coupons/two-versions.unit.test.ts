import type { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { processMemberEvents } from '#domain/coupons/process-member-events.ts';
import { type CouponReport, metricEventsOf } from '#domain/coupons/report.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { readGrantsOf } from '#domain/grants/grant-statements.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Item } from '#platform/item.ts';
import type { Clients, Runtime } from '#platform/runtime.ts';
import { couponIdBy, formerCouponId } from '../support/coupon-ids.ts';
import { eventId, open, openFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { coupons, definition, order, START_MS } from './factories.ts';

/** Coupons while two versions run side by side. The former version does not know keyed ids (`coupon-id.ts`). */

const CAMPAIGN = 'sale';
const NOW_MS = START_MS + 60_000;
const ORDER = order({ id: eventId('first'), orderId: 'first' });
const KEYED = couponIdBy(ORDER.id, CAMPAIGN, 'm1', 0);
const FORMER = formerCouponId(CAMPAIGN, 'm1', 0);

/** A client that hides whether a campaign's coupon ids are keyed, so that its worker behaves like the former version. */
const formerly = (client: Clients['dynamodb']): Clients['dynamodb'] => {
  const send = async (command: never): Promise<object> => {
    const { Item: item, ...answer } = (await client.send(command)) as { Item?: Item };
    const { couponIds: _, ...known } = item ?? {};
    return item === undefined ? answer : { ...answer, Item: known };
  };
  return { send: send as Clients['dynamodb']['send'] };
};

type Version = 'former' | 'present';

const world = async (hooks: Hooks = {}, section = coupons()) => {
  const dynamodb = emulatedTables(hooks);
  const published: string[] = [];
  const counted = new Map<string, number>();
  const worker = (version: Version): Runtime =>
    testRuntime({
      clients: { dynamodb: version === 'former' ? formerly(dynamodb) : dynamodb },
      clock: { nowMs: () => NOW_MS, wait: async () => {} },
    });
  const publish = async (reports: readonly CouponReport[]): Promise<void> => {
    published.push(...reports.flatMap(({ grants }) => grants.map(({ id }) => id)));
    for (const { event } of reports.flatMap(metricEventsOf)) counted.set(event.id, event.timeMs);
  };
  const crash = async (): Promise<void> => {
    throw new Error('the worker died');
  };
  const deliver = (runtime: Runtime, events = [ORDER], options = { dies: false }) =>
    processMemberEvents(
      runtime,
      events.map((event) => ({ event, campaigns: [CAMPAIGN] })),
      { nowMs: NOW_MS, publish: options.dies ? crash : publish },
    );
  const grants = (): Promise<StoredGrant[]> => readGrantsOf(worker('present'), 'm1');
  const present = worker('present');
  return {
    ...{ worker, deliver, grants, published, counted },
    open: () => open(present, definition(CAMPAIGN, section)),
    openFormerly: () => openFormerly(present, definition(CAMPAIGN, section)),
  };
};

const VERSIONS: readonly [Version, Version, string][] = [
  ['former', 'present', FORMER],
  ['present', 'former', KEYED],
];

describe.each(VERSIONS)('a coupon made by the %s version and found by the %s one', (first, second, id) => {
  it('is published under the one id that is stored, even if its first worker died before publishing it', async () => {
    const { worker, deliver, grants, published, open } = await world();
    await open();
    await expect(deliver(worker(first), [ORDER], { dies: true })).rejects.toThrow('the worker died');
    for (const version of [second, first, second]) await deliver(worker(version));
    expect((await grants()).map((grant) => grant.id)).toEqual([id]);
    expect(published).toEqual([id, id, id]);
  });

  it('is published under the one id that is stored, even if the answer to its transaction is lost', async () => {
    let isLost = true;
    const { worker, deliver, grants, published, open } = await world({
      after: async ({ name }) => {
        if (name !== 'TransactWriteItems' || !isLost) return;
        isLost = false;
        await deliver(worker(second));
        throw Object.assign(new Error('the answer did not come'), { name: 'TimeoutError' });
      },
    });
    isLost = false;
    await open();
    isLost = true;
    await deliver(worker(first));
    expect((await grants()).map((grant) => grant.id)).toEqual([id]);
    expect(new Set(published)).toEqual(new Set([id]));
  });

  it('has one id if both versions make it at the same time', async () => {
    const { worker, deliver, grants, published, counted, open } = await world();
    await open();
    await Promise.all([first, second, first, second].map((version) => deliver(worker(version))));
    const [grant, ...others] = await grants();
    expect(others).toEqual([]);
    expect(new Set(published)).toEqual(new Set([grant!.id]));
    expect(counted.size).toBeGreaterThan(0);
    const before = counted.size;
    await deliver(worker(second));
    expect(counted.size).toBe(before);
  });
});

describe('an order that names a coupon', () => {
  const use = (name: string, couponId: string) =>
    order({ id: eventId(name), orderId: name, couponId, timeMs: ORDER.timeMs + 1_000 });

  it.each([
    ['keyed', 'present', KEYED],
    ['former', 'former', FORMER],
  ] as const)('uses it by its %s id if a worker of the %s version gave it', async (_, version, id) => {
    const { worker, deliver, grants, open } = await world({}, coupons({ perMemberLimit: 1 }));
    await open();
    await deliver(worker(version));
    await deliver(worker('present'), [use('using', id)]);
    expect(await grants()).toMatchObject([{ id, state: 'redeemed', redemption: { orderId: 'using' } }]);
  });

  it('uses it by its former id if the former version opened the campaign, whose further coupons have former ids too', async () => {
    const { worker, deliver, grants, openFormerly } = await world({}, coupons({ perMemberLimit: 2 }));
    await openFormerly();
    await deliver(worker('former'));
    await deliver(worker('present'), [use('using', FORMER)]);
    const ids = (await grants()).map((grant) => [grant.id, grant.state]);
    expect(ids).toEqual([
      [FORMER, 'redeemed'],
      [formerCouponId(CAMPAIGN, 'm1', 1), 'live'],
    ]);
  });

  it('is refused as unknown if the coupon’s id was made from another event, and so is the next such order in the batch', async () => {
    const couponId = couponIdBy('another', CAMPAIGN, 'm1', 0);
    expect(parseCouponId(couponId)).toMatchObject({ campaignId: CAMPAIGN, slot: 0 });
    const { worker, deliver, grants, open } = await world({}, coupons({ perMemberLimit: 1 }));
    await open();
    await deliver(worker('present'));
    const { reports } = await deliver(worker('present'), [use('one', couponId), use('two', couponId)]);
    expect(reports.map(({ refusal }) => refusal?.reason)).toEqual(['unknown', 'unknown']);
    expect(await grants()).toMatchObject([{ id: KEYED, state: 'live' }]);
  });

  it('may name a keyed coupon by its former id, in a refund too, but no coupon of another member', async () => {
    const { worker, deliver, grants, open } = await world({}, coupons({ perMemberLimit: 1 }));
    await open();
    const { reports } = await deliver(worker('present'), [ORDER, use('one', FORMER)]);
    expect(reports.map(({ refusal }) => refusal?.reason)).toEqual([undefined, undefined]);
    expect(await grants()).toMatchObject([{ id: KEYED, state: 'redeemed', redemption: { orderId: 'one' } }]);
    const refund = { ...use('one', FORMER), id: eventId('back'), kind: 'refunded' as const };
    await deliver(worker('present'), [refund]);
    expect(await grants()).toMatchObject([{ id: KEYED, state: 'live' }]);
    const foreign = use('three', formerCouponId(CAMPAIGN, 'm2', 0));
    const refused = await deliver(worker('present'), [foreign]);
    expect(refused.reports.map(({ refusal }) => refusal?.reason)).toEqual(['foreign']);
  });
});

/** A worker's secrets, of which only the one behind coupon ids is answered by the test. */
const couponSecret = (worker: Runtime, answer: () => string): Clients['secrets'] => {
  const send = async (command: GetSecretValueCommand) =>
    command.input.SecretId === worker.environment('COUPON_SECRET')
      ? { SecretString: answer() }
      : worker.secrets.send(command);
  return { send } as unknown as Clients['secrets'];
};

describe('the secret behind coupon ids', () => {
  it('is read once by a worker, but again if the read failed, and appears in no report', async () => {
    const { worker, deliver, open } = await world();
    await open();
    const text = 'the very secret text';
    let calls = 0;
    const present = worker('present');
    const secrets = couponSecret(present, () => {
      calls++;
      if (calls === 1) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      return text;
    });
    const runtime: Runtime = { ...present, secrets };
    const { failures } = await deliver(runtime);
    expect(String(failures.get('m1'))).toContain('Rate exceeded');
    for (const name of ['one', 'two', 'three']) {
      const { reports } = await deliver(runtime, [order({ id: eventId(name), orderId: name })]);
      expect(JSON.stringify(reports)).not.toContain(text);
    }
    expect(calls).toBe(2);
  });

  it('is not needed in a campaign that keeps the former ids', async () => {
    const { worker, deliver, grants, openFormerly } = await world();
    await openFormerly();
    const present = worker('present');
    const secrets = couponSecret(present, () => {
      throw new Error('expected no call, got one');
    });
    const { failures } = await deliver({ ...present, secrets });
    expect([...failures.values()]).toEqual([]);
    expect(await grants()).toHaveLength(1);
  });
});
