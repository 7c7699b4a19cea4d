/** A sale with coupons and free orders, whose members can be erased. It has its own clock, and tables and queues in memory. */

import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { listCampaign, putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import type { ErasureMessage } from '#domain/erasure/erase-member.ts';
import { drawKeys } from '#domain/free-orders/draw/master-key.ts';
import { drawOpeningItems } from '#domain/free-orders/draw/opening.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { toMemberTuple } from '#domain/members/member-event.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import { makeHandler as makeCoupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as makeDraw } from '#lambdas/draw/handler.ts';
import { makeHandler as makeFreeOrder } from '#lambdas/free-order/handler.ts';
import { makeHandler as makePresale } from '#lambdas/presale/handler.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Item } from '#platform/item.ts';
import { type Clients, makeRuntime, type Runtime } from '#platform/runtime.ts';
import { coupons } from '../coupons/factories.ts';
import { emulatedTables } from './emulated-tables.ts';
import { Weather } from './faults.ts';
import { askRelay, RELAY, START_MS } from './free-order-world.ts';
import { emptyBucket } from './objects.ts';
import { type Consumer, consumerOf, eventOf, Queues } from './queues.ts';
import { seededRandom } from './random.ts';
import { testOutside } from './runtime.ts';
import { isInItem } from './traces.ts';

export const CAMPAIGN = 'sale';
export const TABLES = ['Campaigns', 'Members', 'Grants', 'Draws', 'Metrics'];
const HOUR_MS = 3_600_000;
const WAIT_MS = 900_000;
const ATTEMPTS_MAX = 50;

/** Each secret's text follows from its name. */
const secrets: Clients['secrets'] = {
  send: (async ({ input }: { input: { SecretId: string } }) => ({
    SecretString: `the text of ${input.SecretId}`,
  })) as unknown as Clients['secrets']['send'],
};

export const definitionOf = (freeOrders: FreeOrders): CampaignDefinition => ({
  campaignId: CAMPAIGN,
  startsAt: new Date(START_MS).toISOString(),
  endsAt: new Date(START_MS + HOUR_MS).toISOString(),
  coupons: coupons({ arms: { engine: 1, baseline: 99, control: 0 }, baselineOffer: 'ten' }),
  freeOrders,
});

export type ErasureWorld = Awaited<ReturnType<typeof erasureWorld>>;

export const erasureWorld = async (freeOrders: FreeOrders, hooks: Hooks = {}) => {
  const dynamodb = emulatedTables(hooks);
  const random = seededRandom(5);
  const queues = new Queues(random, new Weather(random));
  let nowMs = START_MS + 10 * 60_000;
  const outside = testOutside({
    clients: { dynamodb, sqs: queues.sqs, secrets },
    clock: { nowMs: () => nowMs, wait: async () => {} },
    environment: { BEACON_RELAYS: RELAY, ALLOW_REHEARSALS: 'true' },
    fetch: askRelay,
  });
  const runtime: Runtime = makeRuntime(outside);
  const definition = definitionOf(freeOrders);
  const { layout } = (await registerCampaign(runtime, definition)).stored;
  const keys = await drawKeys(runtime, CAMPAIGN);
  await putItemsOnce(runtime, CAMPAIGN, [
    ...openingItems(layout, definition.coupons),
    ...drawOpeningItems(definition, { keys, layout }, nowMs),
  ]);
  await listCampaign(runtime, definition);
  const functions: Record<string, () => Consumer> = {
    coupon: () => consumerOf(makeCoupon(outside)),
    'free-order': () => consumerOf(makeFreeOrder(outside)),
    presale: () => consumerOf(makePresale(outside)),
    draw: () => consumerOf(makeDraw(outside, emptyBucket)),
  };
  const workers = new Map(Object.entries(functions).map(([name, start]) => [name, start()]));
  const call = async (name: string, message: unknown, consume = workers.get(name)!): Promise<boolean> =>
    (await consume(eventOf(message))).batchItemFailures.length === 0;
  const items = async (table: string): Promise<Item[]> => {
    const { Items: found = [] } = await dynamodb.send(
      new ScanCommand({ TableName: table, ConsistentRead: true }),
    );
    return found;
  };
  /** Delivers the messages that an erasure sends until none is left. Each that succeeds moves the clock on by 15 minutes. */
  const resume = async (): Promise<void> => {
    for (let attempt = 0; queues.of('presale').length > 0; attempt++) {
      if (attempt === ATTEMPTS_MAX) throw new Error('erasure: expected to end, got more messages');
      const [message] = queues.take('presale', 1);
      if (await call('presale', JSON.parse(message!.body))) nowMs += WAIT_MS;
      else queues.of('presale').push(message!);
    }
  };
  return {
    dynamodb,
    runtime,
    queues,
    definition,
    items,
    /** A new worker, which has read nothing yet. */
    startWorker: (name: string): Consumer => functions[name]!(),
    call,
    pass: (ms: number): void => {
      nowMs += ms;
    },
    /** Gives orders to the functions that take them. */
    async order(events: readonly OrderEvent[]): Promise<void> {
      const message = { campaigns: [CAMPAIGN], events: events.map(toMemberTuple) };
      for (const name of ['coupon', 'free-order'])
        if (!(await call(name, message))) throw new Error(`${name}: expected to take orders, failed`);
    },
    /** Erases a member. Unless `isWhole`, only the first step is taken, and `resume` takes the others. */
    async erase(member: string, isWhole = true): Promise<void> {
      const event: ErasureMessage = {
        specversion: '1.0',
        id: `erase ${member}`,
        source: '/test',
        type: 'member.erased',
        time: new Date(nowMs).toISOString(),
        data: { memberId: member },
      };
      if (!isWhole) await call('presale', event);
      else {
        queues.put('presale', event);
        await resume();
      }
    },
    resume,
    tick: (timeMs: number) => call('draw', { time: new Date(timeMs).toISOString() }),
    /** The places in the tables where a text is found, also inside packed bytes. */
    async traces(text: string): Promise<string[]> {
      const found: string[] = [];
      for (const table of TABLES)
        for (const item of await items(table))
          if (isInItem(item, text)) found.push(`${table} ${Object.values(item)[0]!.S?.replace(text, 'ID')}`);
      return found;
    },
  };
};
