import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { figuresOf, type ScreenFigures } from '#local/board/figures.ts';
import type { DemoReport } from '#local/demo/conclude.ts';
import { REPOSITORY, startScript } from '../../support/run-start.ts';

const directory = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => rmSync(directory, { recursive: true }));

const START = 'local/start.ts';
const SMALL = ['--scale', '0.15', '--speed', '300'];

type Run = ReturnType<typeof startScript>;

/** What the live screen shows now; undefined while there is none. */
const screenOf = async ({ text }: Run): Promise<ScreenFigures | undefined> => {
  const [, address] = /the sale, live: (\S+)/.exec(text.stderr) ?? [];
  if (address === undefined) return undefined;
  const answer = await fetch(`${address}board?campaign=double11-2026`).catch(() => undefined);
  return answer?.ok ? figuresOf(await answer.text().catch(() => '')) : undefined;
};

/** The live screen's answers until `holds` is true of one or the run ends. It is asked at most five times a second. */
const answersUntil = async (run: Run, holds: (last: ScreenFigures) => boolean): Promise<ScreenFigures[]> => {
  const answers: ScreenFigures[] = [];
  while (run.child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const figures = await screenOf(run);
    if (figures === undefined) continue;
    answers.push(figures);
    if (holds(figures)) break;
  }
  return answers;
};

/** Sends the order of the command that a run prints, as that command would. */
const sendPrinted = async ({ text: { stdout } }: Run): Promise<void> => {
  const [, endpoint, QueueUrl, MessageBody] =
    /--endpoint-url (\S+) --queue-url (\S+) --message-body '(.*)'/.exec(stdout)!;
  const sqs = new SQSClient({ endpoint: endpoint!, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  sqs.destroy();
};

describe('npm start', () => {
  it('simulates a sale, finds every figure of it from the events alone, and then waits', async () => {
    const file = join(directory, 'report.json');
    // In a directory of its own, because a run that stays up writes a file that says where it can be reached.
    const run = startScript(join(REPOSITORY, START), [...SMALL, '--seed', '11', '--report', file], {
      cwd: directory,
    });
    const answers = await answersUntil(run, () => run.text.stdout.includes('Ctrl-C stops it'));
    const before = answers.at(-1)!.orders;
    await sendPrinted(run);
    expect((await answersUntil(run, ({ orders }) => orders > before)).at(-1)?.orders).toBe(before + 1);
    run.child.kill('SIGINT');
    const { status, stdout, stderr } = await run.outcome;
    expect(status, stderr).toBe(0);
    const watermarks = answers.flatMap(({ watermarkMs }) => watermarkMs ?? []);
    expect(watermarks.length).toBeGreaterThan(20);
    // Whatever the order of the events, the time up to which the screen shows the figures as complete never goes back.
    expect(watermarks).toEqual(watermarks.toSorted((a, b) => a - b));
    expect(new Set(watermarks).size).toBeGreaterThan(2);
    expect(answers.map(({ orders }) => orders)).toEqual(
      answers.map(({ orders }) => orders).toSorted((a, b) => a - b),
    );
    expect(stderr).toContain('the sale, live: http://127.0.0.1:');
    expect(stdout).toContain('brands that doubled');

    const report = JSON.parse(readFileSync(file, 'utf8')) as DemoReport;
    const { ledger, truth } = report.simulator;
    const sale = report.campaigns['double11-2026']!;
    expect(report.comparison).toMatchObject({ aboveLine: 35, doubled: 1_802 });
    expect(ledger).toMatchObject({ brandsAtLine: 35, brandsDoubled: 1_802, participants: 1_200 });
    expect(report.milestones.filter(({ kind }) => kind === 'brand-line')).toHaveLength(35);
    expect(sale).toMatchObject({
      orders: ledger.orders,
      refunds: ledger.refunds,
      grossFen: ledger.grossFen,
      netFen: ledger.netFen,
    });
    expect(Math.abs(sale.members / ledger.members - 1)).toBeLessThan(0.015);
    expect(Math.abs(report.freeOrders!.participants / ledger.participants - 1)).toBeLessThan(0.015);
    expect(report.comparison.headline.members.lastYear).toBeLessThan(sale.members);
    expect(report.budget.leastShardFen).toBeGreaterThanOrEqual(0);
    expect(report.coupons!.redeemed).toBeGreaterThan(500);
    expect(report.rejected['not-json']).toBeGreaterThan(0);
    expect(report.latency.p99Ms).toBeGreaterThan(0);
    // One interval in twenty misses the true lift, so the test only requires that there is an interval.
    expect(truth.conversionLift).toBeTypeOf('number');
    expect(report.experiment!.conversionLift).toBeDefined();
    expect({ checks: report.checks.filter(({ isRight }) => !isRight), faults: report.faults }).toEqual({
      checks: [],
      faults: [],
    });
  });

  it('ends with status 1 when it is interrupted before the hour is over', async () => {
    const { child, outcome, text } = startScript(START, [...SMALL, '--once']);
    while (!text.stderr.includes('what happened before') && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill('SIGINT');
    const { status, stderr } = await outcome;
    expect(stderr).toContain('interrupted before the hour was over');
    expect(status).toBe(1);
  });
});
