import { sale } from '../world/workload/sale.ts';
import type { OutboxGrant, Stage, Workload } from '../world/workload/workload.ts';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MEMBER = /^member-\d+$/;

/** A campaign without its presale, which would issue to every member at once and keep the processes busy with little else. */
const withoutPresale = (data: Fields): Fields => {
  const { coupons } = data;
  if (!isObject(coupons)) return data;
  const budgets = (coupons.budgets as Fields[]).map((budget) => ({ ...budget, presaleShare: 0 }));
  return { ...data, coupons: { ...coupons, budgets } };
};

/** The event with its sale's suffix on source and members, so that sales do not mix. A body that is no event stays as it is. */
const ofSale = (value: unknown, suffix: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => ofSale(one, suffix));
  if (!isObject(value) || !isObject(value.data) || typeof value.source !== 'string') return value;
  const named = Object.entries(withoutPresale(value.data)).map(([name, field]) => [
    name,
    typeof field === 'string' && MEMBER.test(field) ? field + suffix : field,
  ]);
  return { ...value, source: value.source + suffix, data: Object.fromEntries(named) };
};

/** The stage of one of several sales. It hears only of its own members' grants, with the member ids that the sale itself uses. */
const stageOf = (stage: Stage, suffix: string): Stage => ({
  ...stage,
  scheduler: stage.scheduler,
  send: (body, atMs, attributes) => stage.send(ofSale(body, suffix), atMs, attributes),
  onGrant: (listen) =>
    stage.onGrant((grant: OutboxGrant) => {
      const { memberId } = grant.data;
      if (!memberId.endsWith(suffix)) return;
      listen({ ...grant, data: { ...grant.data, memberId: memberId.slice(0, -suffix.length) } });
    }),
  redrive: () => {},
});

/** The sales of several seeds at once. Every order goes to the campaigns of all of them. */
export const sales = (seed: number, count: number): Workload => {
  const all = Array.from({ length: count }, (_, i) => sale(seed + i));
  return {
    name: 'sales',
    startMs: all[0]!.startMs,
    // The sales of some seeds go on for weeks. All sales are played only until the shortest one ends.
    endMs: Math.min(...all.map(({ endMs }) => endMs)),
    start: (stage) => {
      for (const [i, one] of all.entries()) one.start(stageOf(stage, `-of-${seed + i}`));
    },
  };
};
