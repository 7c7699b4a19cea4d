import { describe, expect, it } from 'vitest';
import { startClock } from '#local/aws/clock.ts';
import { type Part, playSale, type Stage } from '#local/demo/play.ts';
import { MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { PREPARATION_MS, PRESALE_MS, SALE_MS } from '#simulator/calendar.ts';
import type { Simulation } from '#simulator/simulator.ts';

const MEMBERS = 100;
/** An order that a coupon of the history has brought about. */
const REACTION = '{"order":"because of a coupon"}';

const simulation = {
  earlierOpenings: ['"last sale"', '"everyday"'],
  opening: '"sale"',
  history: {
    members: MEMBERS,
    texts: Array.from({ length: MEMBERS }, (_, member) => [JSON.stringify({ member })]),
    trial: { take: () => [REACTION] },
  },
  hour: { isOver: true },
} as unknown as Simulation;

/** A stage whose queues are always empty, with what is sent to it, and the times and speeds to which its clock is set. */
const stageOf = (answers: {
  isIssued: () => boolean;
  /** How long it takes to find out whether the presale is issued, in ms. */
  lookMs?: number;
}) => {
  let machineMs = 0;
  const clock = startClock(() => machineMs);
  clock.set(PREPARATION_MS, 1);
  const sent: string[] = [];
  const parts: Part[] = [];
  const rates: [number, number][] = [];
  let shownMs = PREPARATION_MS;
  clock.onSet(() => {
    expect(clock.rate.shownMs, 'the clock never goes back').toBeGreaterThanOrEqual(shownMs);
    rates.push([clock.rate.shownMs, clock.rate.speed]);
  });
  const stage: Stage = {
    pipeline: {
      depths: async () =>
        Object.fromEntries(
          ['events', 'control', 'waiting', 'presale', 'coupon', 'audience', 'grants'].map((queue) => [
            queue,
            { visible: 0, inFlight: 0, delayed: 0 },
          ]),
        ),
      idle: async () => true,
    },
    send: async (messages) => {
      for (const { body } of messages)
        sent.push(...[JSON.parse(body)].flat().map((one) => JSON.stringify(one)));
    },
    clock,
    signal: new AbortController().signal,
    onPart: (part) => parts.push(part),
    isIssued: async () => {
      machineMs += answers.lookMs ?? 10 * SECOND_MS;
      shownMs = clock.now();
      return answers.isIssued();
    },
    onShare: () => {},
  };
  return { stage, sent, parts, rates };
};

describe('a sale that is played', () => {
  it('is opened, then sends its history, and then the orders that coupons of the history bring', async () => {
    const { stage, sent, rates } = stageOf({ isIssued: () => true, lookMs: 2 * SECOND_MS });
    await playSale(simulation, stage, 80);
    expect(sent).toEqual([
      '"last sale"',
      '"everyday"',
      '"sale"',
      ...[...simulation.history.texts].flat(),
      REACTION,
    ]);
    expect(rates.slice(0, 3)).toEqual([
      [PRESALE_MS, 60],
      [PRESALE_MS + 2 * MINUTE_MS, 1],
      [SALE_MS, 80],
    ]);
  });

  it('begins once a long presale is issued, and slows the clock down once the presale has taken three minutes', async () => {
    let looks = 0;
    const { stage, rates, parts } = stageOf({
      isIssued: () => ++looks === 6,
      lookMs: 2 * SECOND_MS,
    });
    await playSale(simulation, stage, 80);
    expect(rates.slice(0, 4)).toEqual([
      [PRESALE_MS, 60],
      [PRESALE_MS + 4 * MINUTE_MS, 1],
      [PRESALE_MS + 4 * MINUTE_MS + 8 * SECOND_MS, 1],
      [SALE_MS, 80],
    ]);
    expect(parts).toEqual(['history', 'presale', 'hour', 'ending', 'over']);
  });

  it('fails if its presale is not issued before the sale has to begin', async () => {
    const { stage, parts } = stageOf({
      isIssued: () => false,
      lookMs: 10 * MINUTE_MS,
    });
    await expect(playSale(simulation, stage, 80)).rejects.toThrow(
      'presale: expected to be issued before the sale begins, got coupons that are not issued',
    );
    expect(parts).toEqual(['history', 'presale']);
  });
});
