import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { BlockEvent, Facts, Figures, Invariant, QueueAtEnd } from '../world/oracle/invariant.ts';
import type { Item, TableName } from '../world/oracle/observation.ts';
import { Oracle } from '../world/oracle/oracle.ts';

/** A world of hand-made states: anything may be written, whether or not a pipeline would write it. */
export class BrokenWorld {
  readonly oracle: Oracle;
  atMs = Date.parse('2026-11-10T16:00:00.000Z');
  #stoppedMs = 0;
  readonly #items = new Map<string, Item>();
  readonly #figures = new Map<string, Figures>();

  constructor(invariants: readonly Invariant[], codecs: Partial<Pick<Facts, 'ordersOfBlock'>> = {}) {
    this.oracle = new Oracle({
      names: { tableOf: (name) => name as TableName, queueOf: (url) => url },
      peek: (table, key) => this.#items.get(JSON.stringify([table, key])),
      secret: 'secret',
      figuresOf: async (campaignId) => this.#figures.get(campaignId),
      codecs: {
        eventsOfBlock: (body) =>
          body.length === 0 ? [] : (JSON.parse(Buffer.from(body).toString()) as BlockEvent[]),
        madeOfRow: (body) => {
          const made = JSON.parse(Buffer.from(body).toString()) as string[] | { counts: number[] };
          return Array.isArray(made) ? { blocks: new Set(made) } : made;
        },
        ordersOfBlock: (body) =>
          JSON.parse(Buffer.from(body).toString()) as { orderId: string; memberId: string }[],
        ...codecs,
      },
      invariants,
    });
  }

  /** Writes items in one call, as a transaction does. */
  write(...items: readonly (readonly [TableName, Item])[]): this {
    for (const [table, item] of items) this.#items.set(JSON.stringify([table, keyOf(table, item)]), item);
    this.oracle.onStep({
      atMs: this.atMs,
      worker: 'worker-1',
      operation: 'TransactWriteItems',
      input: { TransactItems: items.map(([TableName, Item]) => ({ Put: { TableName, Item } })) },
      answer: {},
      stoppedMs: this.#stoppedMs,
    });
    return this;
  }

  /**
   * Replaces a row, as a worker does, by one that is made of these blocks, or of the rows below it: then `counts` has the
   * number of blocks of each of those rows.
   */
  writeRow(window: string, madeOf: readonly string[] | { counts: readonly number[] }): this {
    return this.call('PutItem', {
      TableName: 'metrics',
      Item: { window: text(window), item: text('ROW'), made: bytes(madeOf) },
    });
  }

  /** Makes a call with this answer. It changes none of the items that the oracle can read. */
  call(operation: string, input: object, answer: object = {}): this {
    this.oracle.onStep({ atMs: this.atMs, worker: 'worker-1', operation, input, answer });
    return this;
  }

  /** Deletes an item by its key. */
  remove(table: TableName, Key: Item): this {
    this.#items.delete(JSON.stringify([table, Key]));
    this.oracle.onStep({
      atMs: this.atMs,
      worker: 'worker-1',
      operation: 'DeleteItem',
      input: { TableName: table, Key },
      answer: {},
    });
    return this;
  }

  /** Sends a message as a worker does. */
  tell(queue: string, message: unknown): this {
    const input = { QueueUrl: queue, Entries: [{ Id: '0', MessageBody: JSON.stringify(message) }] };
    this.oracle.onStep({
      atMs: this.atMs,
      worker: 'worker-1',
      operation: 'SendMessageBatch',
      input,
      answer: {},
    });
    return this;
  }

  /** Sends a message as a producer does. */
  send(body: unknown): this {
    this.oracle.noteSent(typeof body === 'string' ? body : JSON.stringify(body), this.atMs);
    return this;
  }

  /** Opens a campaign and waits until every worker knows it. */
  open(definition: { campaignId: string } & Record<string, unknown>): this {
    const { campaignId } = definition;
    this.write(
      [
        'campaigns',
        { campaign: text(campaignId), item: text('DEFINITION'), body: text(JSON.stringify(definition)) },
      ],
      ['campaigns', { campaign: text('#open'), item: text(campaignId) }],
    );
    return this.wait(120_000);
  }

  wait(ms: number): this {
    this.atMs += ms;
    return this;
  }

  /** Stops the worker that makes the writes, for this many ms. */
  stop(ms: number): this {
    this.#stoppedMs += ms;
    return this.wait(ms);
  }

  show(figures: Partial<Figures> & { campaignId: string }): this {
    this.#figures.set(figures.campaignId, {
      watermarkMs: undefined,
      tallies: new Map(),
      brands: new Map(),
      stores: new Map(),
      members: 0,
      conflicts: 0,
      ...figures,
    });
    return this;
  }

  async look(): Promise<this> {
    await this.oracle.sample(this.atMs);
    return this;
  }

  /** The oracle's violations at the end. */
  async end(queues: readonly QueueAtEnd[] = []): Promise<string[]> {
    const violations = await this.oracle.end(this.atMs, queues);
    return violations.map(({ invariant, details }) => `${invariant}: ${details}`);
  }
}

const keyOf = (table: TableName, item: Item): Item => {
  const names = { campaigns: ['campaign', 'item'], members: ['member'], grants: ['member', 'grant'] };
  const others = { draws: ['draw', 'item'], metrics: ['window', 'item'] };
  return Object.fromEntries({ ...names, ...others }[table].map((name) => [name, item[name]!]));
};

export const text = (value: string): AttributeValue => ({ S: value });
export const number = (value: number): AttributeValue => ({ N: String(value) });
export const bytes = (value: unknown): AttributeValue => ({ B: Buffer.from(JSON.stringify(value)) });

const START_MS = Date.parse('2026-11-10T16:00:00.000Z');
const HOUR_MS = 3_600_000;

/** A grant's item: m1's first coupon in campaign c1, of the offer `ten`, unless `changes` say otherwise. */
export const grantItem = (changes: Record<string, AttributeValue> = {}): readonly ['grants', Item] => [
  'grants',
  {
    member: text('m1'),
    grant: text('c1#coupon#0'),
    id: text('c1.00.m1'),
    state: text('live'),
    budget: text('engine/platform'),
    faceFen: number(1_000),
    offer: text('ten'),
    trigger: text('trigger'),
    grantedMs: number(START_MS),
    expiresMs: number(START_MS + HOUR_MS),
    reason: text(JSON.stringify({ arm: 'engine', propensity: 0.5 })),
    ...changes,
  },
];

/** m1's first free order in campaign c1; `order` is its id. */
export const winItem = (
  order: string,
  changes: Record<string, AttributeValue> = {},
): readonly ['grants', Item] =>
  grantItem({
    grant: text('c1#free-order#0'),
    id: text(`c1.free.${order}`),
    budget: text('free/budget'),
    reason: text(JSON.stringify({ order: { orderId: order }, drawSlot: 0 })),
    ...changes,
  });

/** The item of member m1. */
export const memberItem = (body: Record<string, AttributeValue>): readonly ['members', Item] => [
  'members',
  { member: text('m1'), body: { M: body } },
];

export const usedBy = (orderId: string, paidFen: number, refundedFen = 0): AttributeValue => ({
  M: { orderId: text(orderId), paidFen: number(paidFen), refundedFen: number(refundedFen) },
});

/** A shard of a budget of campaign c1. It has a partition key of its own, as in every campaign that the current version opens. */
export const shardItem = (
  key: string,
  remaining: number,
  changes: Record<string, AttributeValue> = {},
  shard = 0,
): readonly ['campaigns', Item] => {
  const item = `BUDGET#${key}#0${shard}`;
  return [
    'campaigns',
    { campaign: text(`c1#${item}`), item: text(item), remaining: number(remaining), ...changes },
  ];
};

/** Campaign c1: one hour, with coupons and an instant draw in which every far order has a winning ticket, but only two win. */
export const campaign = (changes: Record<string, unknown> = {}) => ({
  campaignId: 'c1',
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-10T17:00:00.000Z',
  metrics: { windowSeconds: 60 },
  coupons: {
    budgets: [{ pool: 'platform', totalFen: 5_000, presaleShare: 0 }],
    offers: [],
    perMemberLimit: 1,
  },
  freeOrders: {
    mode: 'instant',
    odds: { win: 1, in: 1 },
    channels: ['far'],
    capFen: 1_000,
    quota: 2,
    budgetFen: 10_000,
  },
  ...changes,
});
