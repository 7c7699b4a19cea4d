import type { Facts, Invariant, Report, Seen } from '../invariant.ts';
import type { Change, Item, Step } from '../observation.ts';
import type { SeenGrant } from '../stored-grant.ts';
import { orderOfWin } from './winners.ts';

const NOTE = /^(.+)#refund#(.+)\nREFUND$/;
const JUDGED = /#refund#(.+)\nJUDGED$/;
const SEALED = /^(.+)#slots\n(\d+)#REFUNDS$/;
/** The beginning of an attribute's name. Such an attribute holds what one event refunded, in fen. */
const OF_EVENT = 'of ';
/**
 * No worker that grants wins runs for longer than this, pauses included. So even a worker that was not
 * seen to look for refunds must know those that were noted this long ago.
 */
const LONG_MS = 30 * 60_000;

type Amount = { readonly fen: number; readonly atMs: number };

/** What was noted as refunded of orders that take part in draws. */
class Notes {
  /** In instant draws: amounts by participation and event. */
  readonly #noted = new Map<string, Map<string, Amount>>();
  /** In slots: what counts for a closed slot, by campaign, slot and participation. */
  readonly #sealed = new Map<string, number>();
  readonly #looked = new Map<string, number>();
  /** By participation, when the first worker to judge an order had looked for refunds. Its judgement stands for all workers. */
  readonly #judged = new Map<string, number>();

  note({ key, before, after }: Change, worker: string, atMs: number): void {
    const noted = NOTE.exec(key);
    if (noted !== null) this.#noteAmounts(noted[2]!, after ?? {}, atMs);
    const judged = JUDGED.exec(key)?.[1];
    if (judged !== undefined && before === undefined)
      this.#judged.set(judged, this.#lookedMs(worker, judged, atMs));
    const sealed = SEALED.exec(key);
    for (const element of (sealed && after?.blocks?.S)?.split(' ').filter(Boolean) ?? []) {
      const [participation, fen] = element.split(':');
      this.#sealed.set(`${sealed![1]} ${Number(sealed![2])} ${participation}`, Number(fen));
    }
  }

  #noteAmounts(participation: string, item: Item, atMs: number): void {
    const known = this.#noted.get(participation) ?? new Map<string, Amount>();
    this.#noted.set(participation, known);
    for (const [name, { N: fen }] of Object.entries(item))
      if (name.startsWith(OF_EVENT) && !known.has(name)) known.set(name, { fen: Number(fen), atMs });
  }

  /** Notes which orders' refunds a worker reads. */
  look({ operation, input, worker, atMs }: Step): void {
    if (operation !== 'BatchGetItem') return;
    const { RequestItems = {} } = input as { RequestItems?: Record<string, { Keys?: Item[] }> };
    for (const { Keys = [] } of Object.values(RequestItems))
      for (const { draw, item } of Keys) {
        const participation = item?.S === 'REFUND' ? draw?.S?.split('#refund#')[1] : undefined;
        if (participation !== undefined) this.#looked.set(`${worker} ${participation}`, atMs);
      }
  }

  #lookedMs(worker: string, participation: string, atMs: number): number {
    return this.#looked.get(`${worker} ${participation}`) ?? atMs - LONG_MS;
  }

  /** What a worker must deduct from an award, in fen. */
  known({ campaignId, trigger, reason }: SeenGrant, mode: string, worker: string, atMs: number): number {
    if (mode === 'slot') return this.#sealed.get(`${campaignId} ${String(reason.drawSlot)} ${trigger}`) ?? 0;
    const lookedMs = this.#judged.get(trigger) ?? this.#lookedMs(worker, trigger, atMs);
    let fen = 0;
    for (const amount of this.#noted.get(trigger)?.values() ?? [])
      if (amount.atMs < lookedMs) fen += amount.fen;
    return fen;
  }
}

const begin = ({ ledger, campaigns }: Facts, report: Report) => {
  const notes = new Notes();
  return {
    onCall: (step: Step) => notes.look(step),
    onStep: ({ changes, grantChanges, step, atMs }: Seen) => {
      for (const change of changes) if (change.table === 'draws') notes.note(change, step.worker, atMs);
      for (const { before, after } of grantChanges) {
        const { mode } = campaigns.get(after.campaignId)?.definition.freeOrders ?? {};
        if (before !== undefined || after.kind !== 'free-order' || mode === undefined) continue;
        const paid = ledger.ofOrder(after.member, orderOfWin(after)).filter(({ kind }) => kind === 'paid');
        const paidFen = Math.max(0, ...paid.map(({ fen }) => fen));
        const backFen = notes.known(after, mode, step.worker, atMs);
        if (after.faceFen > paidFen - backFen)
          report(
            atMs,
            `${after.id} of ${after.member}: ${after.faceFen} fen of ${paidFen}, of which ${backFen} were refunded before`,
          );
      }
    },
  };
};

/**
 * A win is worth at most what was paid less what was refunded before. In an instant draw, the refunds that count are those that
 * the first worker to judge the order had read; in a slot, those that were stored when the slot was closed.
 */
export const givenBack: Invariant = { name: 'given-back', begin };
