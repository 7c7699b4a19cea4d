import { renderBoard } from '#domain/board/render.ts';
import { parseRequest } from '#domain/board/request.ts';
import type { BoardView, CurvePoint } from '#domain/board/view.ts';
import { viewOf } from '#domain/board/view-of.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { AskBoard } from '../board/ask.ts';
import { figuresOf } from '../board/figures.ts';

/** What the pipeline knows before the sale is opened in it; undefined before it is up. */
export type Known = { lastSale: BoardView | undefined; everyday: BoardView | undefined };

/** Up to the newest window that anything has come in of, and without it unless it is the last: a part of it looks like a fall. */
const arrived = (points: readonly CurvePoint[]): CurvePoint[] => {
  const newest = points.findLastIndex(({ orders }) => orders > 0);
  return points.slice(0, newest === points.length - 1 ? points.length : Math.max(0, newest));
};

/** The screen of a sale that nobody has opened yet: its definition, last year's curve as far as it is known, the members. */
export const comingView = (definition: CampaignDefinition, known: Known, nowMs: number): BoardView => {
  const { campaignId, coupons, freeOrders } = definition;
  const remaining = new Map(
    coupons && campaignBudgets(campaignId, coupons).map(({ budget, totalFen }) => [budget.key, [totalFen]]),
  );
  const view = viewOf(
    {
      definition,
      total: { row: emptyRow(), watermarkMs: undefined, pendingFromMs: undefined },
      elapsedMs: 0,
      lastYear: undefined,
      milestones: [],
      money: coupons && { remaining, prices: {} },
      seed: freeOrders && { seedCommitment: undefined, seed: undefined },
      health: undefined,
    },
    nowMs,
  );
  const { lastSale, everyday } = known;
  return {
    ...view,
    curve: { ...view.curve, lastYear: arrived(lastSale?.curve.points ?? []) },
    ...(everyday === undefined ? {} : { membersKnown: everyday.headline.members.value }),
  };
};

/** Pages ask once a second and more often where there are several; more than this would say nothing new. */
const READ_EVERY_MS = 1_000;

export type ReadView = (campaignId: string, nowMs: number) => Promise<BoardView | undefined>;

/**
 * Gives what is known at once, and has it read anew at most once a second by the machine's clock, so that no page waits for
 * tables that are being filled. A read that fails leaves what was known before.
 */
export const knownReader = (
  read: () => ReadView | undefined,
  campaigns: { lastSale: string; everyday: string },
  now: () => number,
): (() => Known) => {
  let known: Known = { lastSale: undefined, everyday: undefined };
  let readAtMs = Number.NEGATIVE_INFINITY;
  const refresh = async (view: ReadView): Promise<void> => {
    const [lastSale, everyday] = await Promise.all([
      view(campaigns.lastSale, now()),
      view(campaigns.everyday, now()),
    ]);
    known = { lastSale, everyday };
  };
  return () => {
    const view = read();
    if (view !== undefined && performance.now() - readAtMs >= READ_EVERY_MS) {
      readAtMs = performance.now();
      void refresh(view).catch(() => {});
    }
    return known;
  };
};

/** The board as it answers, or undefined while the pipeline starts. */
export type MaybeBoard = () => AskBoard | undefined;

/**
 * Asks the board for the sale alone until it is open there, and shows it as the sale to come as long as it is not: never
 * another campaign, and never nothing, not even while the board's first call is under way. From then on the board itself says
 * what there is.
 */
export const comingFirst = (
  board: MaybeBoard,
  definition: CampaignDefinition,
  known: () => Known,
  now: () => number,
): AskBoard => {
  const { campaignId } = definition;
  let isOpen = false;
  let isChecking = false;
  const check = async (ask: AskBoard): Promise<void> => {
    const answer = await ask({ campaign: campaignId });
    isOpen = answer.ok && figuresOf(answer.html) !== undefined;
  };
  return async (parameters) => {
    const ask = board();
    if (isOpen && ask !== undefined) return ask(parameters);
    const asked = parseRequest(parameters);
    const isOther = (parameters.campaign ?? campaignId) !== campaignId;
    if (asked.kind !== 'board' || isOther) {
      return ask === undefined ? { ok: false, error: 'the pipeline is starting' } : ask(parameters);
    }
    if (ask !== undefined && !isChecking) {
      isChecking = true;
      // A call that fails is made again with the next question.
      void check(ask)
        .catch(() => {})
        .finally(() => {
          isChecking = false;
        });
    }
    return { ok: true, html: renderBoard(comingView(definition, known(), now()), asked.request) };
  };
};
