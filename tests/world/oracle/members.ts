import type { Change, Item } from './observation.ts';

/** What a member's item says at some time. */
type Known = { readonly atMs: number; readonly tier: string; readonly hasOrders: boolean };

const knownOf = (item: Item | undefined, atMs: number): Known => {
  const body = item?.body?.M;
  return { atMs, tier: body?.tier?.S ?? '', hasOrders: body?.accounts !== undefined };
};

/** What the pipeline knew about the members, and since when. An event may be on its way for hours before it is known. */
export class Members {
  readonly #known = new Map<string, Known[]>();

  note(changes: readonly Change[], atMs: number): void {
    for (const { table, key, after } of changes) {
      if (table !== 'members') continue;
      const known = this.#known.get(key) ?? [];
      this.#known.set(key, known);
      const last = known.at(-1);
      const now = knownOf(after, atMs);
      if (last?.tier !== now.tier || last.hasOrders !== now.hasOrders) known.push(now);
    }
  }

  /** The tiers by which an order that was sent at `atMs` may be judged: the tier known before that, and each later one. */
  tiersSince(member: string, atMs: number): string[] {
    const known = this.#known.get(member) ?? [];
    const before = known.findLast((one) => one.atMs < atMs)?.tier ?? '';
    return [before, ...known.filter((one) => one.atMs >= atMs).map(({ tier }) => tier)];
  }

  /** Whether an order or a refund of the member was known before `atMs`. */
  hasOrdersAt(member: string, atMs: number): boolean {
    return this.#known.get(member)?.findLast((one) => one.atMs < atMs)?.hasOrders === true;
  }
}
