import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { route } from '#domain/intake/route.ts';
import { EVENT_TYPES } from '#events/types.ts';
import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import { toBody } from '#platform/queue.ts';
import { delivery, NOW_MS, order, sale, WAIT_MS } from '../intake/deliveries.ts';
import { between, oneOf, streamOf } from '../world/random.ts';
import { DEFINITIONS } from './definitions.ts';
import { newTally, note, type Tally } from './finding.ts';
import { CPU_MS_MAX, measured } from './measure.ts';
import { mutatedText, mutatedValue, samplesOf } from './mutate.ts';

type Random = () => number;

const time = new Date(NOW_MS - 600_000).toISOString();
const sampleOf = (type: string): object => ({
  ...(JSON.parse(readFileSync(new URL(`../../events/${type}.json`, import.meta.url), 'utf8')) as object),
  time,
});
/** The samples of the contract, one of each type, and openings with all sections. Their times are within the open campaign. */
const EVENTS: readonly object[] = [
  ...EVENT_TYPES.map(sampleOf),
  ...DEFINITIONS.map((data) => ({ ...sampleOf('presale.started'), data })),
];
const ANY_JSON = fc.oneof(fc.json({ maxDepth: 4 }), fc.string({ unit: 'binary', maxLength: 200 }));
/** Large bodies are rare here, because each takes as long as hundreds of others. */
const LARGE_SHARE = 0.002;
const LARGE_CHARS = 1_000_000;

const large = (random: Random): string => {
  const event = { ...oneOf(random, EVENTS), id: `large-${random()}` };
  const text = JSON.stringify(event);
  const fill = (piece: string): string => piece.repeat(Math.floor(LARGE_CHARS / piece.length));
  const keys = (): string => Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join();
  switch (between(random, 0, 7)) {
    case 0:
      return fill('[');
    case 1:
      return `[${fill('0,')}0]`;
    case 2:
      return `${fill('{"a":')}0`;
    case 3:
      return `{${keys()}}`;
    case 4:
      return `${text.slice(0, -1)},${keys()}}`;
    case 5:
      // Each piece is 10 bytes of JSON, so that the body is not over the limit of SQS.
      return JSON.stringify({ ...event, id: '\u202e\ud800x'.repeat(LARGE_CHARS / 10) });
    case 6:
      return `[${fill(`${text},`)}${text}]`;
    default:
      return `${text.slice(0, -1)},"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  }
};

/** A body in the wrapping that SNS or EventBridge puts around it, sometimes in several layers. */
const wrapped = (random: Random, text: string): string => {
  const inner =
    random() < 0.5
      ? JSON.stringify({ Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: text })
      : `{"detail-type":"order","source":"shop","detail":${text}}`;
  return random() < 0.3 ? wrapped(random, inner) : inner;
};

/**
 * An event with one more field, put before its own fields or before those of its data. It is named like one of the event's own
 * fields or like a property that JavaScript treats specially.
 */
const doubled = (random: Random, event: object): string => {
  const name = oneOf(random, [...Object.keys(event), '__proto__', 'constructor', 'toJSON']);
  const value = oneOf(random, [
    '1',
    'null',
    '"x"',
    '{}',
    '[]',
    '1e400',
    '-0',
    '9007199254740993',
    '{"__proto__":{"id":1}}',
  ]);
  return JSON.stringify(event).replace(
    random() < 0.5 ? /^\{/ : /"data":\{/,
    (found) => `${found}"${name}":${value},`,
  );
};

/** Bodies of messages, made from a seed: changed samples, alone and in batches, any JSON and any text, and some of a megabyte. */
export const bodiesOf = function* (seed: number, count: number): Generator<string> {
  const random = streamOf(seed, 'bodies');
  const any = samplesOf(ANY_JSON, seed, Math.min(count, 5_000));
  for (let i = 0; i < count; i++) {
    const kind = random();
    const event = oneOf(random, EVENTS);
    if (kind < LARGE_SHARE) yield large(random);
    else if (kind < 0.1) yield oneOf(random, any);
    else if (kind < 0.15) yield doubled(random, event);
    else if (kind < 0.2)
      yield wrapped(random, JSON.stringify(random() < 0.5 ? event : mutatedValue(random, event)));
    else if (kind < 0.4) yield mutatedText(random, JSON.stringify(event));
    else if (kind < 0.75) yield JSON.stringify(mutatedValue(random, event)) ?? 'undefined';
    else {
      const batch = Array.from({ length: between(random, 0, 12) }, () =>
        random() < 0.5 ? mutatedValue(random, event) : oneOf(random, EVENTS),
      );
      const text = JSON.stringify(batch);
      yield random() < 0.3 ? mutatedText(random, text) : text;
    }
  }
};

const NEIGHBOURS = ['before', 'after'];

/** The queue by which a producer sends such a body. */
const doorOf = (body: string): 'events' | 'control' => (body.includes('"order.') ? 'events' : 'control');

/** Routes each body between two good orders, which have to be counted whatever the body holds. */
export const fuzzBodies = (seed: number, count: number): Tally => {
  const tally = newTally('bodies of messages');
  const [before, after] = NEIGHBOURS.map((id) => delivery(order({ id }), { messageId: id }));
  const options = {
    campaigns: [{ settings: sale(), hasCoupons: true, hasFreeOrders: true, asksFirstOrders: false }],
    nowMs: NOW_MS,
    waitMs: WAIT_MS,
  };
  const goodOf = route([before!, after!], options).metrics.map(({ event }) => event.id);
  for (const body of bodiesOf(seed, count)) {
    tally.inputs++;
    const deliveries = [before!, delivery(body, { messageId: 'fuzzed', door: doorOf(body) }), after!];
    try {
      const { value: routed, ms } = measured(() => route(deliveries, options));
      tally.slowestMs = Math.max(tally.slowestMs, ms);
      if (ms > CPU_MS_MAX) note(tally, `took ${ms.toFixed(0)} ms of CPU`, body);
      if (routed.failures.length > 0) note(tally, `failed: ${routed.failures[0]!.cause}`, body);
      const counted = new Set(routed.metrics.map(({ event }) => event.id));
      if (!goodOf.every((id) => counted.has(id))) note(tally, 'kept another event from being counted', body);
      for (const reject of routed.rejects) {
        const bytes = Buffer.byteLength(toBody(reject));
        if (bytes > SQS_MESSAGE_BYTES_MAX) note(tally, `was rejected in a message of ${bytes} bytes`, body);
      }
      if (routed.rejects.length > 0) tally.refused++;
      else tally.accepted++;
    } catch (error) {
      note(tally, `threw ${(error as Error).stack}`, body);
    }
  }
  return tally;
};
