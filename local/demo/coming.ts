import { lookOf } from '#domain/board/look.ts';
import { renderBoard } from '#domain/board/render.ts';
import { parseRequest } from '#domain/board/request.ts';
import type { BoardView, CurvePoint } from '#domain/board/view.ts';
import { viewOf } from '#domain/board/view-of.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import { type CampaignDefinition, campaignSettings } from '#events/contract.ts';
import type { AskBoard } from '../board/ask.ts';

/**
 * The windows that have come in completely. The newest window with orders may still be filling, which would look like a fall. So
 * it is left out, unless it is the last of the curve.
 */
const arrived = (points: readonly CurvePoint[]): CurvePoint[] => {
  const newest = points.findLastIndex(({ orders }) => orders > 0);
  return points.slice(0, newest === points.length - 1 ? points.length : Math.max(0, newest));
};

/** The screen of a sale that the pipeline does not know yet, from its definition alone. */
const definedView = (definition: CampaignDefinition, nowMs: number): BoardView => {
  const { coupons, freeOrders } = definition;
  const remaining = new Map(
    coupons && campaignBudgets(coupons).map(({ key, totalFen }) => [key, [totalFen]]),
  );
  return viewOf(
    {
      definition,
      settings: campaignSettings(definition),
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
};

/**
 * The screen of a sale before it begins: what the pipeline says about it, with last year's curve as far as it has come in.
 * `known` is undefined before the pipeline knows of the sale.
 */
export const comingView = (
  definition: CampaignDefinition,
  known: BoardView | undefined,
  nowMs: number,
): BoardView => {
  const view = known === undefined ? definedView(definition, nowMs) : { ...known, nowMs };
  return { ...view, curve: { ...view.curve, lastYear: arrived(view.curve.lastYear) } };
};

/** Each page asks once a second, so several pages together ask more often. Reading more often would show nothing new. */
const READ_EVERY_MS = 1_000;

export type ReadView = (campaignId: string, nowMs: number) => Promise<BoardView | undefined>;

/**
 * The reader returns at once what is known of a campaign, and reads it again at most once a second by the machine's clock, so
 * that no page waits for tables that are being filled. If a read fails, the earlier result is kept.
 */
export const knownReader = (
  read: () => ReadView | undefined,
  campaignId: string,
  now: () => number,
): (() => BoardView | undefined) => {
  let known: BoardView | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isReading = false;
  const refresh = async (view: ReadView): Promise<void> => {
    known = await view(campaignId, now());
  };
  return () => {
    const view = read();
    if (view !== undefined && !isReading && performance.now() - readAtMs >= READ_EVERY_MS) {
      readAtMs = performance.now();
      isReading = true;
      void refresh(view)
        .catch(() => {})
        .finally(() => {
          isReading = false;
        });
    }
    return known;
  };
};

/** The board function, or undefined while the pipeline starts. */
export type MaybeBoard = () => AskBoard | undefined;

/**
 * Shows the sale as the one to come until it begins, unless another campaign is asked for. So the screen is never empty, not even
 * while the pipeline starts or the board's first call is under way. From the sale's first second on, the board itself answers.
 */
export const comingFirst = (
  board: MaybeBoard,
  definition: CampaignDefinition,
  known: () => BoardView | undefined,
  now: () => number,
): AskBoard => {
  const { campaignId } = definition;
  const startsAtMs = Date.parse(definition.startsAt);
  return async (parameters) => {
    const ask = board();
    const asked = parseRequest(parameters);
    const isOther = (parameters.campaign ?? campaignId) !== campaignId;
    const nowMs = now();
    if (nowMs < startsAtMs && asked.kind === 'board' && !isOther) {
      const view = comingView(definition, known(), nowMs);
      return { ok: true, html: renderBoard(view, lookOf(asked.request, view.display, nowMs)) };
    }
    return ask === undefined ? { ok: false, error: 'the pipeline is starting' } : ask(parameters);
  };
};
