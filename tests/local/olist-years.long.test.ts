import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { doubledBrands } from '#domain/metrics/rollup/compare.ts';
import { campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { type Dynamodb, startDynamodb } from '#local/aws/dynamodb.ts';
import type { Report } from '#local/replay/report.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readPrefix } from '../support/prefix.ts';
import { REPOSITORY, runScript } from '../support/run-start.ts';
import { testRuntime } from '../support/runtime.ts';
import { hasOlist, OLIST_DIRECTORY } from './olist.ts';
import {
  computeMovements,
  dayPassed,
  daysAtLine,
  type Movement,
  monthEndMs,
  sellersThatDoubled,
  yearStartMs,
} from './olist-years.ts';

const MONTHS = Array.from({ length: 12 }, (_, i) => i + 1);
const LINE_CENTS = 1_000_000n;
const MEMBERS_ERROR_MAX = 0.02;

const directory = mkdtempSync(join(tmpdir(), 'zhihui-olist-years-'));

/** Replays the years with the DynamoDB that the environment names, or with a new one if it names none. */
const replayYears = async (...options: string[]): Promise<Report> => {
  const file = join(directory, 'report.json');
  const outcome = await runScript('local/olist.ts', [
    OLIST_DIRECTORY,
    '--years',
    '--once',
    '--report',
    file,
    ...options,
  ]);
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
};

const settingsOf = (year: number) => {
  const file = join(REPOSITORY, `local/olist-years/${year}.json`);
  const parsed = parseCampaignDefinition(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.ok) throw new Error(parsed.rejection.message);
  return campaignSettings(parsed.definition);
};

/** A runtime with which the pipeline's own statements read the tables that a run has left in a DynamoDB. */
const readerOf = async (endpoint: string): Promise<Runtime> => {
  const client = new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  const { TableNames: names = [] } = await client.send(new ListTablesCommand({}));
  const METRICS_TABLE = names.find((name) => name.endsWith('metrics'))!;
  return testRuntime({ clients: { dynamodb: client }, environment: { METRICS_TABLE } });
};

const title = hasOlist
  ? 'a replay of Olist with a campaign for each year'
  : `a replay of Olist with a campaign for each year (skipped: there is no ${OLIST_DIRECTORY}; see ZHIHUI_DATA)`;

describe.skipIf(!hasOlist)(title, () => {
  let dynamodb: Dynamodb;
  let runtime: Runtime;
  let movements: Movement[];
  let report: Report;
  beforeAll(async () => {
    dynamodb = await startDynamodb(0);
    vi.stubEnv('DYNAMODB_ENDPOINT', dynamodb.endpoint);
    report = await replayYears();
    vi.stubEnv('DYNAMODB_ENDPOINT', undefined);
    runtime = await readerOf(dynamodb.endpoint);
    movements = computeMovements();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await dynamodb?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('has every order in one of the years', () => {
    expect(report).toMatchObject({ accepted: movements.length, rejected: {}, unreadable: 0 });
  });

  it.each([2017, 2018])(
    'finds the sellers that doubled by each month of %i, as computed from the data set',
    async (year) => {
      let doubled = 0;
      for (const months of MONTHS) {
        const row = await readPrefix(runtime, settingsOf(year), monthEndMs(year, months) - yearStartMs(year));
        const before = await readPrefix(
          runtime,
          settingsOf(year - 1),
          monthEndMs(year - 1, months) - yearStartMs(year - 1),
        );
        const found = doubledBrands(row, before);
        expect(found, `by month ${months}`).toEqual(sellersThatDoubled(movements, year, months));
        doubled += found.length;
      }
      expect(doubled).toBeGreaterThan(0);
    },
  );

  it.each([2017, 2018])('reaches the milestones of %i on the days computed from the data set', (year) => {
    const { milestones } = report.campaigns[`olist-${year}`]!;
    const brands = milestones.flatMap((one) => (one.kind === 'brand-line' ? [`${one.at} ${one.brand}`] : []));
    expect(brands).toEqual(daysAtLine(movements, year, LINE_CENTS));
    expect(milestones.find(({ kind }) => kind === 'passed-last-year')?.at).toBe(dayPassed(movements, year));
  });

  it('compares, in its report, the last year with the same part of the year before', () => {
    const { comparison, aboveLine } = report.campaigns['olist-2018']!;
    const { elapsedSeconds, lastYear, doubledBrands: found, doubled } = comparison!;
    const untilMs = yearStartMs(2017) + elapsedSeconds * 1_000;
    const before = movements.filter(({ atMs }) => yearStartMs(2017) <= atMs && atMs < untilMs);
    const orders = before.filter(({ cents }) => cents > 0n);
    const members = new Set(orders.map(({ member }) => member)).size;
    expect(lastYear.netFen).toBe(Number(before.reduce((sum, { cents }) => sum + cents, 0n)));
    expect(lastYear.orders).toBe(orders.length);
    expect(Math.abs(lastYear.members / members - 1)).toBeLessThanOrEqual(MEMBERS_ERROR_MAX);
    expect(found).toHaveLength(doubled);
    expect(doubled).toBeGreaterThan(0);
    expect(aboveLine).toBeGreaterThan(0);
  });

  it('gives the same figures with events doubled, out of order, and with handler processes killed', async () => {
    const again = await replayYears('--duplicate', '0.3', '--shuffle', '--kill-every', '400');
    expect(again.campaigns).toEqual(report.campaigns);
  });
});
