import { readFileSync } from 'node:fs';
import { parseRequest } from '#domain/board/request.ts';
import { loadOwnModel } from '#domain/coupons/own-model.ts';
import { parsePublished } from '#domain/free-orders/audit/published.ts';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import { ModelError } from '#domain/learning/scorer.ts';
import { parseUseModel } from '#domain/learning/use-model.ts';
import { USE_FEATURES } from '#domain/learning/use-statistics.ts';
import { demandLabel, parseDemandLabel } from '#domain/metrics/model-calls.ts';
import { parseCampaignDefinition } from '#events/contract.ts';
import { parseTime } from '#events/time.ts';
import { traceparentOf } from '#events/traceparent.ts';
import { parseDecimal } from '#local/import/amount.ts';
import { timeParser } from '#local/import/times.ts';
import { readDecisionLine } from '#local/offpolicy/decision-line.ts';
import { readCandidateLine } from '#local/plan/candidate-line.ts';
import { splitJson } from '#local/replay/sources/json-values.ts';
import { splitBody } from '#local/replay/split-body.ts';
import { entryOf, exportInstant, exportSlots, instantRules, slotRules } from '../free-orders/factory.ts';
import { randomForest } from '../learning/forests.ts';
import { DEFINITIONS } from './definitions.ts';

/** A reader of texts, with texts that it accepts. */
export type TextParser = {
  readonly name: string;
  readonly samples: readonly string[];
  /** Whether it accepts a text. */
  readonly accepts: (text: string) => boolean;
};

const sample = (name: string): string =>
  readFileSync(new URL(`../../events/${name}`, import.meta.url), 'utf8');

/** Whether `work` succeeds; false if it throws a `refusal`. Any other error is passed on, and is a finding. */
const succeeds = (refusal: new (...args: never[]) => Error, work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof refusal) return false;
    throw error;
  }
};

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const forest = (): unknown => {
  const { learner } = randomForest(1, {
    trees: 2,
    features: 2,
    depth: 3,
    objective: 'reg:squarederror',
    baseScore: '5E-1',
  });
  return { learner: { ...learner, feature_names: ['recencyDays', 'discountFen'] } };
};
const LINEAR = { intercept: 0.1, coefficients: { recencyDays: 0.2, discountFen: 0.0001 } };
const both = <Value>(value: Value) => ({ presale: value, order: value });
const OF_USE = {
  version: 1,
  issued: 2,
  used: 1,
  weights: both(new Array<number>(USE_FEATURES).fill(0.5)),
  strength: both(1),
  level: both(0.1),
  incrementalShare: 0.5,
};
const DECISION = {
  decision: 'd1',
  actions: [
    { action: 'none', propensity: 0.5, predicted: 0.1, target: 0 },
    { action: 'ten', propensity: 0.5, predicted: 0.2, target: 1 },
  ],
  chosen: 'ten',
  reward: 1.5,
};
const PARAMETERS = {
  campaign: 'double11',
  locale: 'en',
  theme: 'dark',
  utcOffset: '+08:00',
  widgetContext: { locale: 'zh-CN', theme: 'light', timezone: { offsetISO: '+08:00' } },
};
/** The export of a draw with three orders in its first slot and none in its second, and what was published of the draw. */
export const slotDraw = () => exportSlots(slotRules(), [entryOf(1), entryOf(2), entryOf(3)]);
const CANDIDATE = { member: 'm1', offer: 'ten', value: 1.5, cost: 1_000, pool: 'platform' };
const TIMES = ['2026-11-10 20:00:00', '10/11/2026 8:00 PM', '1794312000', '46336.5', '2026年11月10日 20:00'];
const AMOUNTS = ['1,234.56', '¥1.234,50', '(12.00)', '-5', '1 234,5 €', '１２．５'];

/** Whether an export passes verification on its own, without what was published. */
export const isVerified = (text: string): boolean => {
  const verifier = new DrawVerifier();
  for (const line of text.split('\n')) if (line !== '') verifier.line(line);
  return verifier.finish().ok;
};

export const textParsers = (): readonly TextParser[] => [
  {
    name: 'campaign definitions',
    samples: DEFINITIONS.map((definition) => JSON.stringify(definition)),
    accepts: (text) => parseCampaignDefinition(json(text)).ok,
  },
  {
    name: 'bodies split by queue',
    samples: [
      sample('presale.started.json'),
      `[${sample('order.paid.json')},${sample('presale.started.json')}]`,
    ],
    accepts: (text) => splitBody(text).control !== undefined,
  },
  {
    name: 'exports of draws',
    samples: [exportInstant(instantRules(), [entryOf(1), entryOf(2)]).lines.join('')],
    accepts: isVerified,
  },
  {
    name: 'publications of draws',
    samples: slotDraw().publications.map((publication) => JSON.stringify(publication)),
    accepts: (text) => parsePublished(text).ok,
  },
  {
    name: 'parameters of the screen',
    samples: [JSON.stringify(PARAMETERS)],
    accepts: (text) => parseRequest(json(text)).kind === 'board',
  },
  {
    name: 'ids of coupons',
    samples: ['sale.2026.coupon.03.AAAAAAAAAAAAAAAA.AAAAAAAA', 'sale.2026.01.Ow_DPvkRQhK6'],
    accepts: (text) => parseCouponId(text) !== undefined,
  },
  {
    name: 'labels of demand',
    samples: [demandLabel('engine/platform', 17)],
    accepts: (text) => parseDemandLabel(text) !== undefined,
  },
  {
    name: 'traces of events',
    samples: [JSON.stringify({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })],
    accepts: (text) => traceparentOf(json(text)) !== undefined,
  },
  {
    name: 'times of events',
    samples: ['2026-11-10T16:00:00.000Z', '2026-11-11T00:00:00+08:00'],
    accepts: (text) => parseTime(text) !== undefined,
  },
  {
    name: 'events over several lines',
    samples: [
      JSON.stringify([PARAMETERS, PARAMETERS], null, 2),
      `${JSON.stringify(PARAMETERS, null, 2)}\n{}`,
    ],
    accepts: (text) => splitJson(text) !== undefined,
  },
  {
    name: 'models: trees of XGBoost',
    samples: [JSON.stringify(forest())],
    accepts: (text) => succeeds(ModelError, () => loadOwnModel(json(text))),
  },
  {
    name: 'models: linear',
    samples: [JSON.stringify(LINEAR)],
    accepts: (text) => succeeds(ModelError, () => loadOwnModel(json(text))),
  },
  {
    name: 'models of use',
    samples: [JSON.stringify(OF_USE)],
    accepts: (text) => succeeds(ModelError, () => parseUseModel(json(text))),
  },
  {
    name: 'lines of decisions',
    samples: [JSON.stringify(DECISION)],
    accepts: (text) => readDecisionLine(text, { kind: 'greedy' }).kind === 'decision',
  },
  {
    name: 'lines of candidates',
    samples: [JSON.stringify(CANDIDATE)],
    accepts: (text) => readCandidateLine(text, () => 0).ok,
  },
  {
    name: 'times in orders',
    samples: TIMES,
    accepts: (text) =>
      ['auto', 'day-first', 'excel'].some((format) => timeParser(format as 'auto', 'Asia/Shanghai')(text).ok),
  },
  { name: 'amounts in orders', samples: AMOUNTS, accepts: (text) => parseDecimal(text, 'mixed').ok },
];
