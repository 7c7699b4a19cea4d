import { statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Opening, replayOpening } from '#local/replay/openings.ts';
import type { Message } from '#local/replay/packer.ts';
import { placed } from '#local/replay/placed.ts';
import { type Conduct, type ReplayTarget, recordsToSendCount, replay } from '#local/replay/replay.ts';
import { ndjsonSource } from '#local/replay/sources/ndjson.ts';
import { surveySource } from '#local/replay/survey.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const NOW_MS = Date.UTC(2026, 0, 1);

const order = (n: number) => ({
  specversion: '1.0',
  id: `e${n}`,
  source: '/test',
  type: 'order.paid',
  time: new Date(Date.UTC(2025, 10, 11) + n * 1_000).toISOString(),
  data: { orderId: `o${n}`, memberId: 'm', brandId: 'b', channel: 'far', amountFen: 1 },
});

const presale = (campaignId: string) => ({
  specversion: '1.0',
  id: `open-${campaignId}`,
  source: '/test',
  type: 'presale.started',
  time: '2025-11-01T00:00:00Z',
  data: { campaignId, startsAt: '2025-11-01T00:00:00Z', endsAt: '2025-12-01T00:00:00Z' },
});

const IDLE = { visible: 0, inFlight: 0, delayed: 0 };

/** A pipeline that takes everything at once and rejects what it is told to. */
const fakePipeline = (rejects: string[] = []) => {
  const state = { kills: 0, idleAsked: 0 };
  const target: ReplayTarget = {
    depths: async () => ({ events: IDLE, rejects: { ...IDLE, visible: 9_999 }, 'events-dead-letters': IDLE }),
    idle: async () => ++state.idleAsked % 2 === 0,
    messages: async () => rejects,
    killRandomHandler: () => {
      state.kills += 1;
      return true;
    },
  };
  return { target, state };
};

type Run = {
  lines: string[];
  given?: Opening[];
  conduct?: Partial<Conduct>;
  shuffle?: boolean;
  rejects?: string[];
};

const run = async ({ lines, given = [], conduct = {}, shuffle = false, rejects }: Run) => {
  const path = directory.write('events.ndjson', lines.join('\n'));
  const source = ndjsonSource(path, path, statSync(path).size);
  const signal = new AbortController().signal;
  const survey = await surveySource(source, {
    nowMs: NOW_MS,
    campaigns: given.map(({ settings }) => settings),
    withIndex: shuffle,
    onUnreadable: () => {},
    signal,
  });
  const own = survey.presales.map(({ text, settings }) => ({
    campaignId: settings.campaignId,
    settings,
    text,
    isRequired: false,
  }));
  const { target, state } = fakePipeline(rejects);
  const bodies: string[] = [];
  const send = async (messages: readonly Message[]) => {
    bodies.push(...messages.map(({ body }) => body));
  };
  const whole: Conduct = { pack: 100, duplicate: 0, seed: 1, ...conduct };
  const tally = { sent: 0, total: recordsToSendCount(survey, whole.duplicate), waiting: 0 };
  await replay(
    { source, survey, openings: [...given, ...own] },
    { pipeline: target, send, tally, signal },
    whole,
  );
  return { bodies, tally, state, survey };
};

const idsIn = (bodies: readonly string[]): string[] =>
  bodies.flatMap((body) => {
    const value = JSON.parse(body);
    return (Array.isArray(value) ? value : [value]).map(({ id }: { id: string }) => id);
  });

const timesOf = (ids: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(ids, (id) => id)].map(([id, same]) => [id, same.length]));

const ORDERS = Array.from({ length: 1_000 }, (_, n) => JSON.stringify(order(n)));

describe('a replay', () => {
  it('sends every event once, packed and in order', async () => {
    const { bodies, tally } = await run({ lines: ORDERS });
    expect(idsIn(bodies)).toEqual(ORDERS.map((_, n) => `e${n}`));
    expect(bodies).toHaveLength(10);
    expect(tally).toEqual({ sent: 1_000, total: 1_000, waiting: 0 });
  });

  it.each([false, true])('sends exactly three in ten events twice (shuffled: %s)', async (shuffle) => {
    const { bodies, tally } = await run({ lines: ORDERS, shuffle, conduct: { duplicate: 0.3 } });
    const ids = idsIn(bodies);
    const times = Object.values(timesOf(ids));
    expect(times).toHaveLength(1_000);
    expect(times.filter((n) => n === 2)).toHaveLength(300);
    expect(tally).toMatchObject({ sent: 1_300, total: 1_300 });
    const firsts = [...new Set(ids)];
    expect(firsts.every((id, i) => id === `e${i}`)).toBe(!shuffle);
  });

  it('sends a line that is not JSON unchanged, in a message of its own', async () => {
    const { bodies } = await run({ lines: [ORDERS[0]!, '{"broken', ORDERS[1]!] });
    const first = placed({ text: ORDERS[0]!, alone: false }, 1).text;
    const third = placed({ text: ORDERS[1]!, alone: false }, 3).text;
    expect(bodies.toSorted()).toEqual([`[${first},${third}]`, '{"broken']);
  });

  it.each([false, true])(
    'opens the campaigns of the input once, before it sends the orders (shuffled: %s)',
    async (shuffle) => {
      const lines = [...ORDERS, JSON.stringify(presale('c1'))];
      const { bodies, tally } = await run({ lines, shuffle });
      expect(JSON.parse(bodies[0]!)).toEqual(presale('c1'));
      expect(timesOf(idsIn(bodies))['open-c1']).toBe(1);
      expect(tally).toMatchObject({ sent: 1_000, total: 1_000 });
    },
  );

  it('also sends twice an event that opens a campaign, if every event is to be sent twice', async () => {
    const { bodies, tally } = await run({
      lines: [JSON.stringify(presale('c1'))],
      conduct: { duplicate: 1 },
    });
    expect(timesOf(idsIn(bodies))).toEqual({ 'open-c1': 2 });
    expect(tally).toMatchObject({ sent: 1, total: 1 });
  });

  it('fails when a campaign that was asked for is refused, and says why', async () => {
    const { survey } = await run({ lines: ORDERS });
    const opening = replayOpening(survey, NOW_MS);
    const rejects = [
      JSON.stringify({ message: 'not this one', event: { source: '/test', id: 'e1' } }),
      JSON.stringify({ message: 'data.startsAt: expected another', event: JSON.parse(opening.text) }),
    ];
    await expect(run({ lines: ORDERS, given: [opening], rejects })).rejects.toThrow(
      'campaign replay: refused, data.startsAt: expected another',
    );
  });

  it('goes on when a campaign of the input is refused, because the pipeline, not the replay, judges events', async () => {
    const opening = presale('c1');
    const rejects = [JSON.stringify({ message: 'no', event: opening })];
    const { tally } = await run({ lines: [JSON.stringify(opening), ...ORDERS], rejects });
    expect(tally.sent).toBe(1_000);
  });

  it('kills handlers until everything is counted, and no longer', async () => {
    const { state } = await run({ lines: ORDERS, conduct: { killEveryMs: 50, rate: 4_000, pack: 10 } });
    expect(state.kills).toBeGreaterThanOrEqual(2);
    const { kills } = state;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(state.kills).toBe(kills);
  });
});
