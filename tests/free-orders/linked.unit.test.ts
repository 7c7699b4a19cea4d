import { describe, expect, it } from 'vitest';
import { linkMembers } from '#domain/coupons/link-members.ts';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { readWins } from '#domain/free-orders/draw/member-wins.ts';
import { openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { takePart } from '#domain/free-orders/draw/take-part.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { newMember, putMembers } from '#domain/members/members-table.ts';
import type { FreeOrders } from '#events/sections/free-orders.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import {
  askRelay,
  exportAndVerify,
  HOUR_MS,
  openCampaign,
  orderEvent,
  RELAY,
  START_MS,
  secrets,
} from '../support/free-order-world.ts';
import { link } from '../support/linked-world.ts';
import { emptyBucket } from '../support/objects.ts';
import { testRuntime } from '../support/runtime.ts';
import { instantRules, slotRules } from './factory.ts';

/** Members with several ids in draws that limit what a member may win. */

const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };
const ALWAYS = { odds: { win: 1, in: 1 }, perMember: 1 };

const world = async (rules: FreeOrders, hooks: Hooks = {}) => {
  const dynamodb = emulatedTables(hooks);
  const worker = () => testRuntime({ clients: { dynamodb, sqs, secrets }, fetch: askRelay });
  const runtime = worker();
  await openCampaign(runtime, 'sale', rules);
  return {
    runtime,
    take: (...orders: OrderEvent[]) => takePart(worker(), 'sale', orders, START_MS + 1),
    link: async (alias: string, to: string): Promise<void> => {
      const failures = new Map<string, unknown>();
      await linkMembers(worker(), [link(alias, to, START_MS)], { nowMs: START_MS, failures });
      expect([...failures.values()]).toEqual([]);
    },
    draw: (hours: number) =>
      advanceDraw(worker(), 'sale', {
        ...{
          nowMs: START_MS + hours * HOUR_MS,
          deadlineMs: Number.POSITIVE_INFINITY,
          relays: [RELAY],
          objects: emptyBucket(),
        },
      }),
    winsOf: async (id: string) => {
      const { rules: own } = await openDraw(runtime, 'sale');
      const wins = (await readWins(runtime, own, [id])).get(id)!;
      return wins.map(({ member, slot, state }) => [member, slot, state]);
    },
  };
};

let made = 0;
const orderOf = (member: string, changes: Partial<OrderEvent> = {}): OrderEvent => {
  made++;
  return orderEvent(made, { member, amountFen: 2_000, timeMs: START_MS + made * 1_000, ...changes });
};

const outcomesOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /"outcome":"([^"]+)"/.exec(line)?.[1] ?? []);

describe('an instant draw', () => {
  it('counts the wins of all ids of a member towards the limit, also those before the link, as its export shows', async () => {
    const { runtime, take, draw, winsOf, ...linked } = await world(instantRules(ALWAYS));
    await take(orderOf('guest'));
    await linked.link('guest', 'm1');
    await take(orderOf('m1'), orderOf('guest'), orderOf('m2'));
    expect(await winsOf('m1')).toEqual([['guest', '0', 'live']]);
    expect(await winsOf('guest')).toEqual(await winsOf('m1'));
    await draw(100);
    const { lines, verdict, facts } = await exportAndVerify(runtime, 'sale');
    expect(verdict.findings).toEqual([]);
    expect(outcomesOf(lines)).toEqual(['won', 'member-campaign-limit', 'member-campaign-limit', 'won']);
    expect(lines.filter((line) => line.startsWith('{"kind":"link"'))).toHaveLength(1);
    const verifier = new DrawVerifier({ facts });
    for (const line of lines) if (!line.startsWith('{"kind":"link"')) verifier.line(line.trimEnd());
    expect(verifier.finish().findings.map(({ message }) => message)).toContain(
      'outcome: expected won, got member-campaign-limit',
    );
  });

  it('keeps what two ids had won before they were linked', async () => {
    const { runtime, take, draw, winsOf, ...linked } = await world(instantRules(ALWAYS));
    await take(orderOf('guest'), orderOf('m1'));
    await linked.link('guest', 'm1');
    await take(orderOf('guest'), orderOf('m1'));
    expect(await winsOf('m1')).toHaveLength(2);
    await draw(100);
    expect((await exportAndVerify(runtime, 'sale')).verdict.findings).toEqual([]);
  });

  it('grants to the member what an alias’s order wins after the link, and revokes it with a refund under the alias', async () => {
    const { take, winsOf, ...linked } = await world(instantRules(ALWAYS));
    await linked.link('guest', 'm1');
    const order = orderOf('guest');
    await take(order);
    await take(order, orderOf('m1', { orderId: order.orderId }));
    expect(await winsOf('guest')).toEqual([['m1', '0', 'live']]);
    const refund = { ...order, kind: 'refunded' as const, id: 'refund'.padEnd(16, '.') };
    await take(refund, orderOf('m1', { ...refund, id: 'other'.padEnd(16, '.'), member: 'm1' }));
    expect(await winsOf('m1')).toEqual([['m1', '0', 'revoked']]);
  });

  it('refuses a claim of an alias that was under way when the alias was linked, if the member has reached its limit', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const before: Hooks['before'] = async ({ name }) => {
      const due = name === 'TransactWriteItems' ? meanwhile : undefined;
      if (due === undefined) return;
      meanwhile = undefined;
      await due();
    };
    const { take, winsOf, ...linked } = await world(instantRules(ALWAYS), { before });
    meanwhile = async () => {
      await linked.link('guest', 'm1');
      await take(orderOf('m1'));
    };
    await take(orderOf('guest'));
    expect(await winsOf('m1')).toEqual([['m1', '0', 'live']]);
  });

  it('judges an alias’s order by the tier of its member', async () => {
    const rules = instantRules({ ...ALWAYS, tiers: ['88vip'] });
    const { runtime, take, winsOf, ...linked } = await world(rules);
    await putMembers(runtime, [{ ...newMember('m1'), tier: '88vip', tierMs: START_MS }]);
    await linked.link('guest', 'm1');
    await take(orderOf('guest'));
    expect(await winsOf('m1')).toHaveLength(1);
  });

  it('reads no links if it has no limit for a member', async () => {
    const read: string[] = [];
    const before: Hooks['before'] = async ({ input }) => {
      // For every order that wins, the mark of an erased member is looked up, but under another key.
      const text = JSON.stringify(input);
      if (text.includes('"Members"') && text.includes('"m1"')) read.push(text);
    };
    const { take, winsOf } = await world(instantRules({ odds: ALWAYS.odds }), { before });
    await take(orderOf('m1'));
    expect(await winsOf('m1')).toHaveLength(1);
    expect(read).toEqual([]);
  });
});

describe('a draw by slots', () => {
  const RULES = slotRules({ slotSeconds: 1_800, prizes: 100, perMember: 1 });
  const later = { timeMs: START_MS + 2_000_000 };

  it('counts the wins of all ids of a member, in earlier slots and in the same slot, as the export shows', async () => {
    const { runtime, take, draw, winsOf, ...linked } = await world(RULES);
    await take(orderOf('guest'), orderOf('a'));
    await draw(0.55);
    expect(await winsOf('guest')).toHaveLength(1);
    await linked.link('guest', 'm1');
    await linked.link('b', 'c');
    for (const id of ['m1', 'guest', 'b', 'c']) await take(orderOf(id, later));
    await draw(100);
    expect(await winsOf('m1')).toHaveLength(1);
    expect(await winsOf('c')).toHaveLength(1);
    const { lines, verdict } = await exportAndVerify(runtime, 'sale');
    expect(verdict.findings).toEqual([]);
    expect(outcomesOf(lines).filter((outcome) => outcome === 'member-campaign-limit')).toHaveLength(3);
  });

  it('has the same result after a crash, whatever is linked meanwhile', async () => {
    let crashes = 0;
    const after: Hooks['after'] = async ({ name, input }) => {
      if (name !== 'TransactWriteItems' || !JSON.stringify(input).includes('free-order') || crashes++ > 0)
        return;
      throw new Error('the worker died');
    };
    const { runtime, take, draw, winsOf, ...linked } = await world(RULES, { after });
    await take(orderOf('b'), orderOf('c'));
    await expect(draw(100)).rejects.toThrow('the worker died');
    await linked.link('b', 'c');
    await draw(100);
    expect(await winsOf('c')).toHaveLength(2);
    expect((await exportAndVerify(runtime, 'sale')).verdict.findings).toEqual([]);
  });
});
