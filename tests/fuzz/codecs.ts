import { Histogram } from '#domain/allocation/histogram.ts';
import { Sample } from '#domain/allocation/sample.ts';
import { knownOrder, withLine } from '#domain/coupons/accounts.ts';
import { packOrders, unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { packRefunds, unpackRefunds } from '#domain/free-orders/entries/refund-block.ts';
import { type AccountLine, decodeAccount, encodeAccount } from '#domain/grants/coupon-account.ts';
import { unpackExamples } from '#domain/learning/example-block.ts';
import { decodeUseStatistics } from '#domain/learning/use-statistics.ts';
import { decodeProfile, encodeProfile } from '#domain/members/profile.ts';
import { packBlocks, unpackBlock } from '#domain/metrics/block.ts';
import { decodeMadeOf, encodeMadeOf } from '#domain/metrics/made-of.ts';
import { unpackMilestones } from '#domain/metrics/rollup/milestones-codec.ts';
import { unpackRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { decodeTallies, limitsOfSegment } from '#domain/presale/audience-tallies.ts';
import { ByteWriter } from '#platform/bytes.ts';
import { coupons } from '../support/presale-world.ts';
import { storedSample } from './stored-samples.ts';

/** A reader of stored bytes, with bytes in all versions that it reads. */
export type Codec = {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
};

const METRICS = 'metrics/stored-formats.unit.test.ts';
const LEARNING = 'learning/stored-formats.unit.test.ts';
const ALLOCATION = 'allocation/stored-formats.unit.test.ts';
const DRAWS = 'free-orders/stored-formats.unit.test.ts';
const MAX_OFFERS = 64;
/** The coupons of the campaign to which the stored tallies belong. */
const ONE_ARM = coupons({ arms: { engine: 100, baseline: 0, control: 0 } });

const blocks = (): Uint8Array[] =>
  ['BLOCK_4', 'BLOCK_5', 'STORES_BLOCK_5'].map((name) => storedSample(METRICS, name));
const profile = (): Uint8Array => storedSample('members/stored-profile.unit.test.ts', 'PROFILE_1');
const entries = (): Uint8Array[] => ['BLOCK_V2', 'BLOCK_V3'].map((name) => storedSample(DRAWS, name));

const BASE_MS = 1_794_312_000_000;
const lines = (): AccountLine[] =>
  (['paid', 'refunded'] as const).map((kind, i) => ({
    ...{ kind, id: `0123456789abcde${i}`, channel: i === 0 ? 'far' : 'near', timeMs: BASE_MS + i },
    ...{
      fen: 1_200 - i,
      discountFen: i - 1,
      brand: 'a1b2c3',
      source: i === 0 ? '' : '0a0b0c',
      coupon: 'ffffff',
    },
    ...{ order: '0123456789ab', effects: 1 << i },
  }));
/** The orders of a member in the present format, which keeps lines, and in the older format, which kept sums. */
const orders = (): Uint8Array[] => {
  const [paid, refunded] = lines();
  const sums = new ByteWriter();
  sums.uint(1);
  sums.raw(new Uint8Array(8).fill(7));
  for (const number of [1_200, 300, BASE_MS]) sums.uint(number);
  return [withLine(withLine(new Uint8Array(), 'o1', paid!), 'o2', refunded!), sums.bytes()];
};

/** Every stored format, in its present version and in the previous version if that is still read. */
export const codecs = (): readonly Codec[] => [
  {
    name: 'blocks of events, versions 4 and 5',
    samples: [...blocks(), ...packBlocks(unpackBlock(blocks()[0]!)).map(({ body }) => body)],
    read: unpackBlock,
  },
  {
    name: 'rows, versions 3 and 4',
    samples: ['WINDOW_ROW_3', 'HOUR_ROW_3', 'WINDOW_ROW_4', 'HOUR_ROW_4', 'STORES_ROW_4'].map((name) =>
      storedSample(METRICS, name),
    ),
    read: (bytes) => unpackRowParts([bytes]),
  },
  { name: 'milestones, version 1', samples: [storedSample(METRICS, 'MILESTONES_1')], read: unpackMilestones },
  {
    name: 'what rows are made of',
    samples: [
      encodeMadeOf({ kind: 'blocks', blocks: ['OKjgqCW8fi9LImBK', 'ajoFWwIeG36NBV0Y'], isSealed: false }),
      encodeMadeOf({ kind: 'children', counts: [1, 0, 4_000] }),
    ],
    read: decodeMadeOf,
  },
  {
    name: 'histograms, version 1',
    samples: [storedSample(ALLOCATION, 'HISTOGRAM_1')],
    read: Histogram.decode,
  },
  {
    name: 'samples of members, version 1',
    samples: [storedSample(ALLOCATION, 'SAMPLE_1')],
    read: (bytes) => Sample.decode(bytes, MAX_OFFERS),
  },
  {
    name: 'profiles, versions 1 and 2',
    samples: [profile(), encodeProfile(decodeProfile(profile()))],
    read: decodeProfile,
  },
  {
    name: 'orders of a member, as lines and as sums',
    samples: orders(),
    read: (bytes) => knownOrder(bytes, 'o1'),
  },
  {
    name: 'lines of a coupon',
    samples: [encodeAccount(lines(), BASE_MS)],
    read: (bytes) => decodeAccount(bytes, BASE_MS),
  },
  {
    name: 'blocks of examples, version 1',
    samples: [storedSample(LEARNING, 'BLOCK_1')],
    read: unpackExamples,
  },
  {
    name: 'statistics of use, version 1',
    samples: [storedSample(LEARNING, 'STATISTICS_1')],
    read: decodeUseStatistics,
  },
  {
    name: 'blocks of entries, versions 2 and 3',
    samples: [
      ...entries(),
      ...packOrders(
        unpackOrders(entries()[1]!).map(({ order }) => order),
        7,
      ).map(({ body }) => body),
    ],
    read: unpackOrders,
  },
  {
    name: 'blocks of refunds, version 4',
    samples: packRefunds([
      { participation: 'OKjgqCW8fi9LImBK', eventId: 'ajoFWwIeG36NBV0Y', fen: 1_200 },
      { participation: 'ajoFWwIeG36NBV0Y', eventId: 'OKjgqCW8fi9LImBK', fen: 77 },
    ]).map(({ body }) => body),
    read: unpackRefunds,
  },
  {
    name: 'tallies of an audience, without and with ties',
    samples: ['TALLIES_1', 'TALLIES_1_TIES'].map((name) =>
      storedSample('presale/stored-formats.unit.test.ts', name),
    ),
    read: (bytes) => decodeTallies(ONE_ARM, bytes, limitsOfSegment(32)),
  },
];
