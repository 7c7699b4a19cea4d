import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runScript } from '../../support/run-start.ts';
import { computeOlist, hasOlist, OLIST_DIRECTORY } from '../olist.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

type Figures = { orders: number; refunds: number; grossFen: number; netFen: number };
type Report = {
  campaigns: Record<string, Figures & { members: number; brands: Record<string, Figures> }>;
  accepted: number;
  rejected: Record<string, number>;
  unreadable: number;
  consumed: Record<string, { writeUnits: number }>;
  seconds: number;
};

const MEMBERS_ERROR_MAX = 0.02;
const METRICS_WRITE_UNITS_AN_ORDER_MAX = 0.05;

let runs = 0;
const replayOlist = async (...options: string[]): Promise<{ outcome: Outcome; report: Report }> => {
  const file = join(directory.path, `report-${runs++}.json`);
  const outcome = await runScript('local/olist.ts', [
    OLIST_DIRECTORY,
    '--once',
    '--report',
    file,
    ...options,
  ]);
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  return { outcome, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
};

/** Everything that the events alone decide. */
const figuresOf = ({ consumed, seconds, ...figures }: Report) => figures;

const title = hasOlist
  ? 'Olist, replayed'
  : `Olist, replayed (skipped: there is no ${OLIST_DIRECTORY}; see ZHIHUI_DATA)`;

describe.skipIf(!hasOlist)(title, () => {
  let plain: Report;
  beforeAll(async () => {
    plain = (await replayOlist()).report;
  });

  it('has the figures of an independent computation, to the fen', () => {
    const { members: _, ...expected } = computeOlist();
    const { orders, refunds, grossFen, netFen, brands } = plain.campaigns.replay!;
    expect({ orders, refunds, grossFen, netFen, brands }).toEqual(expected);
    expect(plain).toMatchObject({
      accepted: expected.orders + expected.refunds,
      rejected: {},
      unreadable: 0,
    });
  });

  it('counts its members within 2 %', () => {
    const { members } = computeOlist();
    expect(Math.abs(plain.campaigns.replay!.members / members - 1)).toBeLessThanOrEqual(MEMBERS_ERROR_MAX);
  });

  it('writes at most 0.05 units of metrics an order', () => {
    expect(plain.consumed.metrics!.writeUnits / plain.accepted).toBeLessThanOrEqual(
      METRICS_WRITE_UNITS_AN_ORDER_MAX,
    );
  });

  it('gives the same figures when three in ten events are sent twice, and all events out of order', async () => {
    const { report } = await replayOlist('--duplicate', '0.3', '--shuffle', '--seed', '2');
    expect(figuresOf(report)).toEqual(figuresOf(plain));
  });

  it('gives the same figures while handler processes are killed', async () => {
    const { report, outcome } = await replayOlist('--duplicate', '0.3', '--shuffle', '--kill-every', '300');
    expect(Number(/killed (\d+) handler/.exec(outcome.stderr)?.[1])).toBeGreaterThanOrEqual(3);
    expect(figuresOf(report)).toEqual(figuresOf(plain));
  });
});
