import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '#local/aws/template.ts';
import { seededRandom } from '../support/random.ts';
import { synthesizeStack } from './stack.ts';
import type { Step } from './worker.ts';
import { type Fields, paid, timeText } from './workload/events.ts';
import { World } from './world.ts';

const START_MS = Date.parse('2026-11-10T17:10:00.000Z');
const GOOD = 40;

const order = (id: string, timeMs: number): Fields & { data: Fields } =>
  paid({ id, timeMs, order: `order-${id}`, member: `member-${id}`, fen: 5_000 }) as Fields & { data: Fields };

const noise = (length: number): string => {
  const random = seededRandom(5);
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join('');
};

type Bad = { body: string; attributes?: Record<string, string>; reason: string };

const withId = (id: string): string => JSON.stringify({ ...order('x', START_MS), id });

/**
 * Messages that once made other messages go to the dead-letter queue, flooded the rejects, or could not be
 * rejected.
 */
const KINDS: Record<string, Bad> = {
  'a bad event whose time of first sending is not a number': {
    body: JSON.stringify({ ...order('bad', START_MS), specversion: '0.3' }),
    attributes: { firstSentMs: 'abc' },
    reason: 'wrong-specversion',
  },
  'a bad event whose time of first sending is beyond all dates': {
    body: JSON.stringify({ ...order('bad', START_MS), specversion: '0.3' }),
    attributes: { firstSentMs: '1e300' },
    reason: 'wrong-specversion',
  },
  'an order of no campaign whose time of first sending is in the far future': {
    body: JSON.stringify(order('nowhere', START_MS - 40 * 86_400_000)),
    attributes: { firstSentMs: '99999999999999' },
    reason: 'no-open-campaign',
  },
  'a body of half a million numbers': { body: `[${'0,'.repeat(520_000)}0]`, reason: 'too-large' },
  'a body that fits into no reject even when it is deflated': { body: noise(1_040_000), reason: 'not-json' },
  'an id of 900,000 characters': { body: withId(noise(900_000)), reason: 'bad-format' },
  'a body nested 500,000 levels deep': {
    body: `{"data":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
    reason: 'too-large',
  },
  'an order with 90,000 unknown fields': {
    body: JSON.stringify({
      ...order('wide', START_MS),
      data: Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`k${i}`, 0])),
    }),
    reason: 'too-large',
  },
};

describe('one bad message among forty good ones', () => {
  let stack: LocalStack;
  beforeAll(() => {
    stack = synthesizeStack();
  });

  it.each(Object.entries(KINDS))(
    'becomes one reject and stops no other message: %s',
    { timeout: 60_000 },
    async (_, bad) => {
      const counted = new Set<string>();
      const onStep = ({ operation, input }: Step): void => {
        if (operation !== 'SendMessageBatch') return;
        const { QueueUrl: url, Entries: entries } = input as {
          QueueUrl: string;
          Entries: { MessageBody: string }[];
        };
        if (url !== world.urlOf('metrics')) return;
        for (const { MessageBody: body } of entries)
          for (const [id] of (JSON.parse(body) as { events: [string][] }).events) counted.add(id);
      };
      const world = new World({ stack, seed: 3, faults: new Set(), startMs: START_MS, onStep });
      const opening = {
        specversion: '1.0',
        type: 'presale.started',
        id: 'opening',
        source: '/campaigns',
        time: timeText(START_MS),
        data: {
          campaignId: 'door',
          startsAt: timeText(START_MS - 3_600_000),
          endsAt: timeText(START_MS + 3_600_000),
        },
      };
      world.send('events', JSON.stringify(opening));
      await world.runUntil(START_MS + 30_000);
      for (let i = 0; i < GOOD; i++) {
        if (i === GOOD / 2) world.send('events', bad.body, bad.attributes);
        world.send('events', JSON.stringify(order(`good-${i}`, START_MS)));
      }
      await world.runUntil(START_MS + 60_000);
      expect(counted.size).toBe(GOOD);
      await world.calm();
      world.end();
      const rejects = world.queues
        .contents(stack.queues.find(({ shortName }) => shortName === 'rejects')!.name)
        .map(({ body }) => (JSON.parse(body) as { reason: string }).reason);
      expect(rejects).toEqual([bad.reason]);
      const left = stack.queues.filter(
        ({ shortName, name }) => shortName !== 'rejects' && world.depth(name) > 0,
      );
      expect(left.map(({ shortName }) => shortName)).toEqual([]);
      expect(world.scheduler.nowMs - START_MS).toBeLessThan(10 * 60_000);
    },
  );
});
