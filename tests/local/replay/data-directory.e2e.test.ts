import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { figuresOf } from '#local/board/figures.ts';
import { sqsSender } from '#local/replay/producer.ts';
import { startScript } from '../../support/run-start.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const UP_MS_MAX = 120_000;
const HOUR_MS = 3_600_000;
const kept = join(directory.path, 'kept');
const nowMs = Date.now();

/** A sale that is on, in which the orders below earn a coupon each, so that they leave grants in the outbox. */
const campaign = directory.write(
  'campaign.json',
  JSON.stringify({
    campaignId: 'kept-sale',
    startsAt: new Date(nowMs - HOUR_MS).toISOString(),
    endsAt: new Date(nowMs + HOUR_MS).toISOString(),
    coupons: {
      budgets: [{ pool: 'platform', totalFen: 100_000, presaleShare: 0 }],
      offers: [
        {
          offerId: '10-off-99',
          pool: 'platform',
          thresholdFen: 9_900,
          discountFen: 1_000,
          scope: 'all',
          validHours: 1,
        },
      ],
      arms: { engine: 1, baseline: 99, control: 0 },
      salt: 'kept',
      objective: 'conversions',
      perMemberLimit: 5,
      shards: 1,
      baselineOffer: '10-off-99',
    },
  }),
);

const order = (id: string): string =>
  JSON.stringify({
    specversion: '1.0',
    type: 'order.paid',
    id,
    source: '/kept',
    time: new Date().toISOString(),
    data: { orderId: id, memberId: `m-${id}`, brandId: 'b', channel: 'far', amountFen: 20_000 },
  });

/** Starts a run, and returns it once it waits for events. */
const startWaiting = async (args: readonly string[]) => {
  const run = startScript('local/start.ts', [...args, '--data', kept]);
  const startMs = Date.now();
  while (!run.text.stdout.includes('live screen')) {
    if (run.child.exitCode !== null || Date.now() - startMs > UP_MS_MAX) throw new Error(run.text.stderr);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const at = (name: string): string => new RegExp(`${name} +(\\S+)`).exec(run.text.stdout)![1]!;
  return {
    ...run,
    url: at('live screen'),
    send: async (bodies: readonly string[]): Promise<void> => {
      const { send, close } = sqsSender(at('SQS endpoint'), at('events queue'), at('control queue'));
      await send(bodies.map((body) => ({ body, bytes: Buffer.byteLength(body), records: 1 })));
      close();
    },
    /** Ctrl-C as it comes from a terminal. */
    stop: async () => {
      run.child.kill('SIGINT');
      return run.outcome;
    },
  };
};

const file = join(kept, 'queues.json');
type Kept = { body: string; sentMs: number };

const queues = (): Record<string, Kept[]> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, Kept[]>;

/** The ids of the grants in the outbox, each once, although a grant may be there more than once. */
const grants = (): Set<string> =>
  new Set(
    (queues().grants ?? []).flatMap(({ body }) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id)),
  );

it('a run that keeps its data processes everything before it ends, and the next run continues with the data', async () => {
  const first = await startWaiting(['--campaign', campaign]);
  const again = order('o1');
  const beforeMs = Date.now();
  await first.send([again, order('o2'), 'not json']);
  // The run is stopped at once, while everything is still on its way.
  const ended = await first.stop();
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stdout).toContain('received 3 events: 2 accepted, 1 refused; everything is counted');
  expect(Object.keys(queues()).sort()).toEqual(['grants', 'rejects']);
  expect(grants().size).toBe(2);
  expect(existsSync(join(kept, 'queues.json.new'))).toBe(false);

  // Order o1 with another amount, sent before the first one but never processed, as if a run had been killed.
  const events = [{ body: again.replace('20000', '30000'), sentMs: beforeMs }];
  writeFileSync(file, JSON.stringify({ ...queues(), events }));
  const second = await startWaiting([]);
  expect(second.text.stderr).toMatch(/kept: \d+ messages? put back/);
  const screen = async () => (await fetch(`${second.url}board?locale=en`)).text();
  expect(await screen()).toContain('data-campaign="kept-sale"');
  await expect
    .poll(async () => figuresOf(await screen()), { timeout: UP_MS_MAX, interval: 100 })
    .toMatchObject({ orders: 2, netFen: 50_000 });
  expect(await (await fetch(`${second.url}rejects?locale=en`)).text()).toContain('not-json');

  // An order that was counted before the restart does not count again. A new one does.
  await second.send([again, order('o3')]);
  const { status, stdout, stderr } = await second.stop();
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/Campaign kept-sale\n {2}orders +3\n/);
  expect(grants().size).toBe(3);
});
