import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeOlist, hasOlist, OLIST_DIRECTORY } from '../olist.ts';
import { temporaryDirectory } from './files.ts';
import { figuresOf, type Report, replayOlist } from './replay-olist.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const MEMBERS_ERROR_MAX = 0.02;
const METRICS_WRITE_UNITS_AN_ORDER_MAX = 0.05;

const title = hasOlist
  ? 'Olist, replayed'
  : `Olist, replayed (skipped: there is no ${OLIST_DIRECTORY}; see ZHIHUI_DATA)`;

describe.skipIf(!hasOlist)(title, () => {
  let plain: Report;
  beforeAll(async () => {
    plain = (await replayOlist(directory.path)).report;
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

  it('consumes at most 0.05 write units of the metrics table for each order or refund', () => {
    expect(plain.consumed.metrics!.writeUnits / plain.accepted).toBeLessThanOrEqual(
      METRICS_WRITE_UNITS_AN_ORDER_MAX,
    );
  });

  it('gives the same figures when three in ten events are sent twice, and all events out of order', async () => {
    const { report } = await replayOlist(directory.path, '--duplicate', '0.3', '--shuffle', '--seed', '2');
    expect(figuresOf(report)).toEqual(figuresOf(plain));
  });
});
