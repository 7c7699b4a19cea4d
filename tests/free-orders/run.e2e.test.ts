import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFacts, readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { drawKeysOf } from '#domain/free-orders/draw/keys.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { readerRuntime } from '#local/aws/reader-runtime.ts';
import { endDraws, writeDraws } from '#local/replay/draws.ts';
import { sendEvents } from '../support/local-pipeline.ts';
import { runScript } from '../support/run-start.ts';
import { instantRules } from './factory.ts';
import { event, orderData } from './sent-events.ts';

const ORDERS = 600;
const PACK = 100;
const OWNER_ONLY = 0o600;
const STARTS_AT_MS = Date.parse('2026-11-10T16:00:00.000Z');

const definition = {
  campaignId: 'free-sale',
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-10T17:00:00.000Z',
  metrics: { windowSeconds: 600, horizonHours: 87_600 },
  freeOrders: instantRules({ odds: { win: 1, in: 4 }, tiers: ['88vip'], blockedMembers: ['member-1'] }),
};

const settingsOf = (value: unknown) => {
  const parsed = parseCampaignDefinition(value);
  if (!parsed.ok) throw new Error(parsed.rejection.message);
  return campaignSettings(parsed.definition);
};

describe('free orders on this machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'free-order-run-'));
  const secretsFile = join(directory, 'secrets.json');
  const logFile = join(directory, 'functions.log');
  let pipeline: Pipeline;

  beforeAll(async () => {
    // A refund after the sale may belong to another sale, so it waits for a campaign that counts it.
    pipeline = await startPipeline({ secretsFile, logFile, context: { campaignWaitSeconds: '2' } });
  });
  afterAll(async () => {
    await pipeline.stop();
    rmSync(directory, { recursive: true });
  });

  const isVip = (number: number): boolean => number % 300 < 240;
  const orders = Array.from({ length: ORDERS }, (_, number) => number);

  const send = (events: readonly object[]) => sendEvents(pipeline, events, PACK);

  it('are drawn, published and counted; the seed stays secret until the end, and the export is verified', async () => {
    const runtime = readerRuntime(pipeline);
    await send([event('presale.started', 'open', STARTS_AT_MS, definition)]);
    await send(
      orders
        .slice(0, 300)
        .filter(isVip)
        .map((n) =>
          event('member.updated', `tier-${n}`, STARTS_AT_MS, { memberId: `member-${n}`, tier: '88vip' }),
        ),
    );
    const paid = orders.map((n) => event('order.paid', `paid-${n}`, STARTS_AT_MS + n * 5_000, orderData(n)));
    await send([...paid, ...paid.slice(0, 100)]);
    await send([event('order.refunded', 'refund', Date.now(), orderData(7)), ...paid.slice(100, 200)]);

    // Only the owner can read the secret. The commitment to the seed is public, and the seed is not revealed yet.
    expect(statSync(secretsFile).mode & 0o777).toBe(OWNER_ONLY);
    const [text] = Object.values(JSON.parse(readFileSync(secretsFile, 'utf8')) as Record<string, string>);
    const { seed, memberKey } = drawKeysOf(hash('sha256', text!, 'buffer'), 'free-sale');
    const { facts } = (await readFacts(runtime, 'free-sale'))!;
    expect(facts.seedCommitment).toBe(hash('sha256', seed, 'hex'));
    expect(await readRevealedSeed(runtime, 'free-sale')).toBeUndefined();

    await endDraws(pipeline, Date.now(), new AbortController().signal);
    expect(Buffer.from((await readRevealedSeed(runtime, 'free-sale'))!).equals(Buffer.from(seed))).toBe(true);
    const printed = readFileSync(logFile, 'utf8');
    for (const secret of [text!, Buffer.from(seed).toString('hex'), Buffer.from(memberKey).toString('hex')]) {
      expect(printed).not.toContain(secret);
    }

    const lines = await writeDraws(pipeline, directory);
    expect(lines).toEqual([
      `draw of free-sale: npm run verify -- --draw ${join(directory, 'free-sale.ndjson')} --published ${join(directory, 'free-sale.published.ndjson')}`,
    ]);
    const draw = join(directory, 'free-sale.ndjson');
    const published = ['--published', join(directory, 'free-sale.published.ndjson')];
    const verified = await runScript('local/verify.ts', ['--draw', draw, ...published]);
    expect(verified.stdout).toMatch(/\nVERIFIED\n$/);
    expect(verified.status).toBe(0);

    // What the metrics count is what the export shows.
    const exported = readFileSync(draw, 'utf8').trimEnd().split('\n');
    const { outcomes, awardedFen } = JSON.parse(exported.at(-1)!) as {
      outcomes: Record<string, number>;
      awardedFen: number;
    };
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(ORDERS);
    expect(outcomes).toMatchObject({ 'wrong-tier': 120, 'blocked-member': 2 });
    const { row } = await readTotal(runtime, settingsOf(definition));
    expect(row.conflicts).toBe(0);
    const countOf = (label: string): number => row.tallies.get(label)?.count ?? 0;
    for (const [outcome, count] of Object.entries(outcomes)) {
      expect(countOf(`free-order/${outcome}`) + countOf(`free-refused/${outcome}`), outcome).toBe(count);
    }
    expect(row.tallies.get('free-order/won')?.fen).toBe(awardedFen);
    expect(row.sketches.get('free-order')?.estimate()).toBeCloseTo(239, -1);

    // The winners' grants are in the outbox. A repeated grant has the same id, and counts once.
    const sent = (await pipeline.messages('grants')).flatMap(
      (body) => JSON.parse(body) as { id: string; type: string }[],
    );
    const granted = new Set(sent.filter(({ type }) => type === 'free-order.granted').map(({ id }) => id));
    expect(granted.size).toBe(outcomes.won);

    const winner = exported.findIndex((line) => line.includes('"outcome":"won"'));
    writeFileSync(draw, exported.with(winner, exported[winner]!.replace('"won"', '"not-drawn"')).join('\n'));
    const tampered = await runScript('local/verify.ts', ['--draw', draw, ...published]);
    expect(tampered.status).toBe(1);
    expect(tampered.stdout).toContain(`line ${winner + 1}:`);
  });
});
