import { describe, expect, it } from 'vitest';
import { figuresOf } from '#local/board/figures.ts';
import { eventToScreen } from '#local/board/latency.ts';
import { watchScreen } from '#local/board/watch.ts';

describe('the time from an event to the screen', () => {
  it('runs from the sending of the n-th order to the first answer with n orders', () => {
    const sent = [
      { atMs: 0, orders: 1 },
      { atMs: 100, orders: 4 },
      { atMs: 200, orders: 5 },
    ];
    const shown = [
      { atMs: 50, orders: 0 },
      { atMs: 1_000, orders: 2 },
      { atMs: 2_000, orders: 5 },
    ];
    // Waits of 1000, 900, 1900, 1900 and 1800 ms.
    expect(eventToScreen(sent, shown)).toEqual({
      orders: 5,
      unseen: 0,
      p50Ms: 1_800,
      p99Ms: 1_900,
      maxMs: 1_900,
    });
  });

  it('leaves out orders that were never shown, but counts them, and is unknown if no order was shown', () => {
    expect(eventToScreen([{ atMs: 0, orders: 3 }], [{ atMs: 10, orders: 1 }])).toEqual({
      orders: 1,
      unseen: 2,
      p50Ms: 10,
      p99Ms: 10,
      maxMs: 10,
    });
    expect(eventToScreen([{ atMs: 0, orders: 3 }], [])).toMatchObject({
      orders: 0,
      unseen: 3,
      p50Ms: undefined,
    });
    expect(eventToScreen([], [{ atMs: 0, orders: 3 }])).toMatchObject({ orders: 0, unseen: 0 });
  });

  it('is weighted by orders, not by messages', () => {
    const sent = [
      { atMs: 0, orders: 1 },
      { atMs: 0, orders: 100 },
    ];
    const shown = [
      { atMs: 5, orders: 99 },
      { atMs: 9, orders: 100 },
    ];
    expect(eventToScreen(sent, shown)).toMatchObject({ p50Ms: 5, p99Ms: 5, maxMs: 9 });
  });
});

describe('the figures of a screen', () => {
  it('are those on its root element', () => {
    const html =
      '<div class="zb" data-watermark-ms="1700000000000" data-net-fen="-5" data-orders="12"><b data-orders="99">';
    expect(figuresOf(html)).toEqual({ orders: 12, netFen: -5, watermarkMs: 1_700_000_000_000 });
    expect(figuresOf('<div data-watermark-ms="" data-net-fen="0" data-orders="0">')).toEqual({
      orders: 0,
      netFen: 0,
      watermarkMs: undefined,
    });
  });

  it('are undefined if it shows a message', () => {
    expect(figuresOf('<div data-board-message="no-campaign">data-orders</div>')).toBeUndefined();
  });
});

it('a watch notes the time of each answer that is no error, and looks once more when it ends', async () => {
  let orders = 0;
  let nowMs = 0;
  const answers = [true, false];
  const watch = watchScreen(
    async () => {
      orders += 1;
      nowMs += 10;
      return answers.shift() === false
        ? { ok: false, error: 'killed' }
        : { ok: true, html: `<div data-net-fen="0" data-orders="${orders}">` };
    },
    {},
    1,
    () => nowMs,
  );
  while (watch.shown.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  const seen = watch.shown.length;
  await watch.stop();
  expect(watch.shown.slice(0, 3)).toEqual([
    { atMs: 10, orders: 1 },
    { atMs: 30, orders: 3 },
    { atMs: 40, orders: 4 },
  ]);
  expect(watch.shown.length).toBeGreaterThan(seen);
});
