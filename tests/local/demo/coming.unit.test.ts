import { describe, expect, it, vi } from 'vitest';
import { renderBoard } from '#domain/board/render.ts';
import type { BoardView } from '#domain/board/view.ts';
import type { AskBoard } from '#local/board/ask.ts';
import { comingFirst, comingView, knownReader } from '#local/demo/coming.ts';
import { sizeAt } from '#simulator/announced.ts';
import { PREPARATION_MS, SALE_MS } from '#simulator/calendar.ts';
import { LAST_SALE, SALE, saleDefinition } from '#simulator/campaigns.ts';
import { participatingStores } from '#simulator/stores.ts';
import { FULL, UPCOMING } from '../../board/views.ts';

const SALE_TO_COME = saleDefinition(1, sizeAt(1), participatingStores());
const LOOK = { locale: 'en', theme: 'dark' } as const;

/** The sale as the pipeline reports it, with these numbers of orders in the minutes of last year's sale. */
const withLastYear = (orders: readonly number[]): BoardView => ({
  ...UPCOMING,
  campaignId: SALE,
  curve: {
    ...UPCOMING.curve,
    lastYear: orders.map((count, minute) => ({
      elapsedMs: minute * 60_000,
      orders: count,
      netFen: count * 100,
    })),
  },
});

describe('the sale to come', () => {
  it('is drawn from its definition alone before the pipeline knows of it', () => {
    const view = comingView(SALE_TO_COME, undefined, PREPARATION_MS);
    expect(view).toMatchObject({ campaignId: SALE, startsAtMs: SALE_MS, nowMs: PREPARATION_MS });
    expect(view.display?.name).toBe('Double 11 2026');
    expect(view.coupons).toMatchObject({ issued: 0, budgetFen: 24_000_000, remainingFen: 24_000_000 });
    expect(view.freeOrders).toMatchObject({ wins: 0, seedCommitment: undefined });
    const markup = renderBoard(view, LOOK);
    expect(markup).toContain('published at the opening');
    expect(markup).not.toContain('data-figure="members-known"');
  });

  it('is what the pipeline reports once it knows the sale, with the time of the question as the present', () => {
    const view = comingView(SALE_TO_COME, withLastYear([1]), UPCOMING.nowMs + 5);
    expect(view.coupons).toEqual(UPCOMING.coupons);
    expect(view.nowMs).toBe(UPCOMING.nowMs + 5);
  });

  it('shows last year’s curve as far as it has come in', () => {
    const view = comingView(SALE_TO_COME, withLastYear([3, 0, 2, 0, 0]), PREPARATION_MS);
    expect(view.curve.lastYear.map(({ orders }) => orders)).toEqual([3, 0]);
    const whole = comingView(SALE_TO_COME, withLastYear([3, 0, 2]), PREPARATION_MS);
    expect(whole.curve.lastYear.map(({ orders }) => orders)).toEqual([3, 0, 2]);
  });
});

describe('the page’s question', () => {
  const asking = (board: AskBoard | undefined, now = (): number => PREPARATION_MS) =>
    comingFirst(
      () => board,
      SALE_TO_COME,
      () => undefined,
      now,
    );
  const board: AskBoard = async ({ campaign = 'what the board chooses' }) => ({
    ok: true,
    html: String(campaign),
  });
  const htmlOf = async (ask: AskBoard, parameters: Record<string, string> = LOOK): Promise<string> => {
    const answer = await ask(parameters);
    return answer.ok ? answer.html : answer.error;
  };

  it('is answered with the sale to come while the pipeline starts, and until the sale begins', async () => {
    expect(await htmlOf(asking(undefined))).toContain(`data-campaign="${SALE}"`);
    let nowMs = PREPARATION_MS;
    const ask = asking(board, () => nowMs);
    expect(await htmlOf(ask)).toContain('data-phase="upcoming"');
    nowMs = SALE_MS - 1;
    expect(await htmlOf(ask)).toContain('data-phase="upcoming"');
    expect(await htmlOf(ask, { ...LOOK, campaign: SALE })).toContain('data-phase="upcoming"');
    nowMs = SALE_MS;
    expect(await htmlOf(ask)).toBe('what the board chooses');
  });

  it('is left to the board if it asks for another campaign, or has a wrong parameter', async () => {
    expect(await htmlOf(asking(board), { ...LOOK, campaign: LAST_SALE })).toBe(LAST_SALE);
    expect(await htmlOf(asking(board), { locale: 'xx' })).toBe('what the board chooses');
    expect(await htmlOf(asking(undefined), { ...LOOK, campaign: LAST_SALE })).toBe(
      'the pipeline is starting',
    );
  });
});

describe('what is known before the sale', () => {
  it('is returned without a wait, and read at most once a second, however often it is asked for', async () => {
    let reads = 0;
    const read = knownReader(
      () => async (campaignId) => {
        reads += 1;
        return { ...FULL, campaignId };
      },
      'sale',
      () => 0,
    );
    expect(read()).toBeUndefined();
    await expect.poll(() => read()?.campaignId).toBe('sale');
    expect(reads).toBe(1);
  });

  it('is kept if a later read fails', async () => {
    vi.useFakeTimers();
    try {
      let reads = 0;
      const read = knownReader(
        () => async (campaignId) => {
          reads += 1;
          if (reads > 1) throw new Error('no table');
          return { ...FULL, campaignId };
        },
        'sale',
        () => 0,
      );
      read();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(read()?.campaignId).toBe('sale');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(read()?.campaignId).toBe('sale');
      expect(reads).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });
});
