import { beforeAll, describe, expect, it } from 'vitest';
import { makeLogger } from '#platform/log.ts';
import { MeteredPipeline } from '../capacity/metered-pipeline.ts';
import { linesOf } from '../support/log-lines.ts';
import { isInItem } from '../support/traces.ts';
import { synthesizeStack } from '../world/stack.ts';
import { pageOf } from './pages.ts';

const START_MS = Date.parse('2026-11-10T16:00:00.000Z');
const MEMBER = 'a-member-of-the-shop';
const traceId = (digit: string): string => digit.repeat(32);
const traceparent = (digit: string): string => `00-${traceId(digit)}-b7ad6b7169203331-01`;
const iso = (ms: number): string => new Date(ms).toISOString();

const definition = {
  campaignId: 'sale',
  startsAt: iso(START_MS),
  endsAt: iso(START_MS + 3_600_000),
  coupons: {
    budgets: [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0 }],
    offers: [
      {
        offerId: 'twenty-off',
        pool: 'platform',
        thresholdFen: 10_000,
        discountFen: 2_000,
        scope: 'all',
        validHours: 24,
      },
    ],
    salt: 'salt',
    objective: 'incremental-gmv',
    perMemberLimit: 1,
  },
  freeOrders: {
    mode: 'instant',
    odds: { win: 1, in: 1 },
    channels: ['near'],
    capFen: 5_000,
    quota: 10,
    budgetFen: 100_000,
  },
};

const opening = {
  specversion: '1.0',
  type: 'presale.started',
  id: 'opened',
  source: '/shop',
  time: iso(START_MS),
  data: definition,
};

/** An order that brings its member a coupon, and wins. */
const orderOf = (member: string, trace?: string): object => ({
  specversion: '1.0',
  type: 'order.paid',
  id: `order of ${member}`,
  source: '/shop',
  time: iso(START_MS + 1_000),
  ...(trace === undefined ? {} : { traceparent: trace }),
  data: {
    orderId: `o-${member}`,
    memberId: member,
    brandId: 'lotus',
    channel: 'near',
    storeId: 's-1',
    amountFen: 25_000,
  },
});

/** A later order, which brings nothing. */
const laterOrderOf = (member: string, trace: string): object => ({
  ...orderOf(member, trace),
  id: `later order of ${member}`,
  time: iso(START_MS + 5_000),
  data: { orderId: 'later', memberId: member, brandId: 'lotus', channel: 'far', amountFen: 25_000 },
});

type Line = Record<string, string> & { message: string; traces?: string };
type Granted = { id: string; type: string; subject: string; traceparent?: string };
type Observed = {
  lines: Line[];
  messages: { grants: Granted[]; attribute: string | undefined }[];
  isStored: (text: string) => boolean;
};

/** Sends messages of events to an open sale, one after another. */
const play = (...messages: (readonly object[])[]): Promise<Observed> => playFrom([[opening]], messages);

/** Like {@link play}, but sends the messages of `before` first, the last of which opens the sale. */
const playFrom = async (
  before: readonly (readonly object[])[],
  messages: readonly (readonly object[])[],
): Promise<Observed> => {
  const logger = makeLogger({ serviceName: 'zhihui' });
  const texts = linesOf(logger);
  const stack = synthesizeStack();
  const pipeline = new MeteredPipeline(stack, START_MS, logger);
  for (const events of before) {
    pipeline.send(events, events.length);
    await pipeline.drain();
    await pipeline.pass(10_000);
  }
  for (const events of messages) {
    pipeline.send(events, events.length);
    await pipeline.drain();
  }
  const items = stack.tables.flatMap(
    ({ name }) => (pipeline.tables.inspect('Scan', { TableName: name }) as { Items: object[] }).Items,
  );
  return {
    lines: texts.map((text) => JSON.parse(text) as Line),
    messages: pipeline.outboxContents().map(({ body, attributes }) => ({
      grants: JSON.parse(body) as Granted[],
      attribute: attributes.traceparent?.StringValue,
    })),
    isStored: (text) => items.some((item) => isInItem(item, text)),
  };
};

/** What the query in docs/operations.md finds of a trace: the fields that it asks for, in the order of time. */
const queried = (lines: readonly Line[], trace: string): string[] => {
  const { text } = pageOf('docs/operations.md');
  const query =
    /^fields @timestamp, (\w+), (\w+)\n\| filter (\w+) like \/[\da-f]{32}\/\n\| sort @timestamp asc$/m;
  const [, first, second, filtered] = query.exec(text)!;
  return lines
    .filter((line) => line[filtered!]?.includes(trace))
    .map((line) => `${line[first!]!.replace(/^.*?-/, '')}: ${line[second!]}`);
};

const grantsOf = ({ messages }: Observed, member: string): Granted[] =>
  messages.flatMap(({ grants }) => grants.filter(({ subject }) => subject === member));

describe('an order with a trace', () => {
  let observed: Observed;
  beforeAll(async () => {
    observed = await play(
      [orderOf('another', traceparent('b')), orderOf(MEMBER, traceparent('a')), orderOf('untraced')],
      [laterOrderOf(MEMBER, traceparent('d'))],
      [orderOf(MEMBER, traceparent('c'))],
    );
  }, 60_000);

  it('is found by one query in the logs of intake, coupon and free-order, with the grants that it brought', () => {
    const found = queried(observed.lines, traceId('a'));
    expect(found.map((line) => line.toLowerCase()).toSorted()).toEqual([
      'coupon: traced events',
      'coupon: traced grants',
      'free-order: traced events',
      'free-order: traced grants',
      'intake: traced events',
    ]);
    expect(found[0]).toMatch(/intake/i);
  });

  it('brings its trace into the outbox: into its grants, and into the attribute of a message with no other trace', () => {
    const kinds = (trace: string) =>
      grantsOf(observed, MEMBER)
        .filter((grant) => grant.traceparent === traceparent(trace))
        .map(({ type }) => type)
        .toSorted();
    expect(kinds('a')).toEqual(['coupon.granted', 'free-order.granted']);
    expect(grantsOf(observed, 'untraced')).toHaveLength(2);
    for (const grant of grantsOf(observed, 'untraced')) expect(grant).not.toHaveProperty('traceparent');
    for (const { grants, attribute } of observed.messages) {
      const traces = new Set(grants.flatMap((grant) => grant.traceparent ?? []));
      expect(attribute).toBe(traces.size === 1 ? [...traces][0] : undefined);
    }
    expect(observed.messages.map(({ attribute }) => attribute)).toContain(traceparent('c'));
  });

  it('brings the same grants with the new trace if it comes again with another trace, after a later order', () => {
    const grants = grantsOf(observed, MEMBER);
    expect(grants.map((grant) => grant.traceparent).toSorted()).toEqual(
      ['a', 'a', 'c', 'c'].map((digit) => traceparent(digit)),
    );
    const withoutTraces = (some: readonly Granted[]) =>
      new Set(some.map(({ traceparent: _, ...rest }) => JSON.stringify(rest)));
    expect(withoutTraces(grants).size).toBe(2);
    expect(queried(observed.lines, traceId('c'))).toHaveLength(5);
    expect(queried(observed.lines, traceId('d')).map((line) => line.toLowerCase())).toEqual([
      'intake: traced events',
      'coupon: traced events',
      'free-order: traced events',
    ]);
  });

  it('leaves its trace in no table, and its member’s id in no line of the logs', () => {
    for (const digit of ['a', 'b', 'c', 'd']) expect(observed.isStored(traceId(digit))).toBe(false);
    expect(observed.isStored(MEMBER)).toBe(true);
    expect(JSON.stringify(observed.lines)).not.toContain(MEMBER);
  });
});

it('orders without a trace write no log line that names traces', async () => {
  const { lines, messages } = await play([orderOf(MEMBER)]);
  expect(messages.flatMap(({ grants }) => grants)).toHaveLength(2);
  expect(lines.filter(({ traces }) => traces !== undefined)).toEqual([]);
});

describe('traces in the outbox:', () => {
  const partOf = (name: string, amountFen: number, trace?: string): object => ({
    ...orderOf(MEMBER, trace),
    type: 'order.refunded',
    id: name,
    data: {
      orderId: `o-${MEMBER}`,
      memberId: MEMBER,
      brandId: 'lotus',
      channel: 'near',
      storeId: 's-1',
      amountFen,
    },
  });
  const lines = (observed: Observed, digit: string): string[] =>
    queried(observed.lines, traceId(digit)).map((line) => line.toLowerCase());
  const changes = (observed: Observed): [type: string, trace: string | undefined][] =>
    observed.messages
      .flatMap(({ grants }) => grants)
      .filter(({ type }) => type === 'free-order.reduced' || type === 'free-order.revoked')
      .map(({ type, traceparent: trace }) => [type, trace]);

  it('a coupon of the presale has the trace of the event that opened its campaign', async () => {
    const [budget] = definition.coupons.budgets;
    const coupons = { ...definition.coupons, budgets: [{ ...budget, presaleShare: 0.5 }] };
    const opened = { ...opening, traceparent: traceparent('e'), data: { ...definition, coupons } };
    const known = { ...opening, type: 'member.updated', data: { memberId: MEMBER, tier: 'gold' } };
    const observed = await playFrom([[known], [opened]], []);
    expect(grantsOf(observed, MEMBER)).toMatchObject([
      { type: 'coupon.granted', traceparent: traceparent('e') },
    ]);
    expect(observed.messages.map(({ attribute }) => attribute)).toEqual([traceparent('e')]);
    expect(lines(observed, 'e')).toEqual([
      'intake: traced events',
      'presale: traced events',
      'audience: traced grants',
    ]);
  }, 60_000);

  it('what a refund reduces or revokes has the trace of the refund', async () => {
    const observed = await play(
      [orderOf(MEMBER, traceparent('a'))],
      [partOf('a part', 22_000, traceparent('f'))],
      [partOf('the rest', 3_000, traceparent('9'))],
      [partOf('nothing more', 1)],
    );
    expect(changes(observed)).toEqual([
      ['free-order.reduced', traceparent('f')],
      ['free-order.revoked', traceparent('9')],
      ['free-order.revoked', undefined],
    ]);
    for (const digit of ['f', '9'])
      expect(lines(observed, digit).filter((line) => line.startsWith('free-order'))).toEqual([
        'free-order: traced events',
        'free-order: traced grants',
      ]);
  }, 60_000);

  it('a reduction that is published once more because its order has come again has the trace of that order', async () => {
    const observed = await play(
      [orderOf(MEMBER, traceparent('a'))],
      [partOf('a part', 22_000, traceparent('f'))],
      [orderOf(MEMBER, traceparent('c'))],
    );
    expect(changes(observed)).toEqual([
      ['free-order.reduced', traceparent('f')],
      ['free-order.reduced', traceparent('c')],
    ]);
  }, 60_000);
});
