import { describe, expect, it } from 'vitest';
import { renderMessage } from '#domain/board/message.ts';
import { renderBoard } from '#domain/board/render.ts';
import type { AskBoard } from '#local/board/ask.ts';
import { comingFirst, comingView, type Known, knownReader } from '#local/demo/coming.ts';
import { sizeAt } from '#simulator/announced.ts';
import { PREPARATION_MS, SALE_MS } from '#simulator/calendar.ts';
import { LAST_SALE, SALE, saleDefinition } from '#simulator/campaigns.ts';
import { participatingStores } from '#simulator/stores.ts';
import { FULL } from '../../board/views.ts';

const SALE_TO_COME = saleDefinition(1, sizeAt(1), participatingStores());
const NOTHING: Known = { lastSale: undefined, everyday: undefined };
const LOOK = { locale: 'en', theme: 'dark' } as const;

const withPoints = (orders: readonly number[]): Known => ({
  lastSale: {
    ...FULL,
    curve: {
      ...FULL.curve,
      points: orders.map((count, minute) => ({
        elapsedMs: minute * 60_000,
        orders: count,
        netFen: count * 100,
      })),
    },
  },
  everyday: FULL,
});

describe('the sale to come, before the pipeline knows of it', () => {
  it('is drawn from its definition alone', () => {
    const view = comingView(SALE_TO_COME, NOTHING, PREPARATION_MS);
    expect(view).toMatchObject({ campaignId: SALE, startsAtMs: SALE_MS, nowMs: PREPARATION_MS });
    expect(view.coupons).toMatchObject({ issued: 0, budgetFen: 24_000_000, remainingFen: 24_000_000 });
    expect(view.freeOrders).toMatchObject({ wins: 0, seedCommitment: undefined });
    expect(view.membersKnown).toBeUndefined();
    expect(renderBoard(view, LOOK)).toContain('published at the opening');
  });

  it('shows last year’s curve as far as it has come in, and who is known', () => {
    const view = comingView(SALE_TO_COME, withPoints([3, 0, 2, 0, 0]), PREPARATION_MS);
    expect(view.curve.lastYear.map(({ orders }) => orders)).toEqual([3, 0]);
    const whole = comingView(SALE_TO_COME, withPoints([3, 0, 2]), PREPARATION_MS);
    expect(whole.curve.lastYear.map(({ orders }) => orders)).toEqual([3, 0, 2]);
    expect(view.membersKnown).toBe(FULL.headline.members.value);
  });
});

describe('the page’s question before the sale is open', () => {
  const asking = (board: AskBoard | undefined) =>
    comingFirst(
      () => board,
      SALE_TO_COME,
      () => NOTHING,
      () => PREPARATION_MS,
    );
  const answering = (answers: Record<string, string>) => {
    const asked: (string | undefined)[] = [];
    const board: AskBoard = async ({ campaign }) => {
      asked.push(campaign);
      const html = answers[campaign ?? ''];
      return html === undefined ? { ok: false, error: 'unexpected' } : { ok: true, html };
    };
    return { board, asked };
  };
  const htmlOf = async (ask: AskBoard, parameters: Record<string, string> = LOOK): Promise<string> => {
    const answer = await ask(parameters);
    return answer.ok ? answer.html : answer.error;
  };

  it('is answered by the sale to come while the pipeline starts', async () => {
    expect(await htmlOf(asking(undefined))).toContain(`data-campaign="${SALE}"`);
  });

  it('is answered by the sale to come while another campaign is all there is, and by the board from then on', async () => {
    const answers: Record<string, string> = {
      '': 'what the board chooses',
      [SALE]: renderMessage({ kind: 'unknown-campaign', campaignId: SALE }, 'en'),
    };
    const { board, asked } = answering(answers);
    const ask = asking(board);
    expect(await htmlOf(ask)).toContain('data-phase="upcoming"');
    answers[SALE] = renderBoard(FULL, LOOK);
    await expect.poll(() => htmlOf(ask)).toBe('what the board chooses');
    expect(asked.slice(0, -1).every((campaign) => campaign === SALE)).toBe(true);
    expect(asked.at(-1)).toBeUndefined();
  });

  it('is not kept waiting by the board’s first call, which is made once at a time', async () => {
    let calls = 0;
    const ask = asking(() => {
      calls += 1;
      return new Promise(() => {});
    });
    expect(await htmlOf(ask)).toContain('data-phase="upcoming"');
    expect(await htmlOf(ask)).toContain('data-phase="upcoming"');
    expect(calls).toBe(1);
  });

  it('leaves a question for another campaign, and a wrong one, to the board', async () => {
    const { board } = answering({ [LAST_SALE]: 'last year', '': 'a mistake' });
    expect(await htmlOf(asking(board), { ...LOOK, campaign: LAST_SALE })).toBe('last year');
    expect(await htmlOf(asking(board), { locale: 'xx' })).toBe('a mistake');
    expect(await htmlOf(asking(undefined), { ...LOOK, campaign: LAST_SALE })).toBe(
      'the pipeline is starting',
    );
  });
});

describe('what is known before the sale', () => {
  it('is there at once, read once a second however many ask, and kept where a read fails', async () => {
    let reads = 0;
    const read = knownReader(
      () => async (campaignId) => {
        reads += 1;
        return { ...FULL, campaignId };
      },
      { lastSale: 'a', everyday: 'b' },
      () => 0,
    );
    expect(read()).toEqual(NOTHING);
    await expect.poll(() => read().lastSale?.campaignId).toBe('a');
    expect([read().everyday?.campaignId, reads]).toEqual(['b', 2]);
    const failing = knownReader(
      () => () => Promise.reject(new Error('no table')),
      { lastSale: 'a', everyday: 'b' },
      () => 0,
    );
    failing();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(failing()).toEqual(NOTHING);
  });
});
