/** Parses incoming messages strictly and once. After this, types are trusted. */
import * as z from 'zod/mini';
import {
  type BrokenBound,
  brokenBound,
  MAX_BODY_BYTES,
  MAX_BODY_EVENTS,
  MAX_BODY_OPENINGS,
  MAX_EVENT_VALUES,
  MAX_MODEL_VALUES,
  MAX_OPENING_VALUES,
} from './bounds.ts';
import { CAMPAIGN_RULES, type CampaignDefinition, campaignDefinition } from './campaign.ts';
import { SPEC_VERSION, withoutExtensions } from './envelope.ts';
import { firstFault } from './faults.ts';
import { brokenLinkRule } from './member.ts';
import { type Rejection, rejection } from './rejection.ts';
import { shapeBoundBrokenBy } from './shape.ts';
import { EVENT_SCHEMAS, EVENT_TYPES, type EventType, type PipelineEvent } from './types.ts';
import { bodyExpected, unwrapped, wrapperOf } from './wrappers.ts';

/** In ms, 5 minutes: how far a producer's clock may run ahead before its events are refused. */
export const CLOCK_SKEW_MS = 300_000;

type Refused = { ok: false; rejection: Rejection };

const refuse = (...fault: Parameters<typeof rejection>): Refused => ({
  ok: false,
  rejection: rejection(...fault),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEventType = (type: unknown): type is EventType => EVENT_TYPES.includes(type as EventType);

/**
 * Reads a message body: one CloudEvents JSON event, or a CloudEvents JSON batch (an array with at least one event), or either
 * of these as wrapped by SNS or EventBridge. The events are not checked here; each is parsed, and maybe refused, separately. A
 * body that exceeds a bound on its bytes, events, openings of campaigns, levels of nesting or fields of an object is refused as
 * a whole.
 */
export const parseBody = (body: string): { ok: true; events: unknown[] } | Refused => {
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_BODY_BYTES) return refuse('too-large', 'body', `at most ${MAX_BODY_BYTES} bytes`, bytes);
  const broken = shapeBoundBrokenBy(body);
  if (broken !== undefined) return refuse('too-large', 'body', broken, body);
  let value: unknown;
  try {
    // RFC 8259 allows a reader to ignore a byte order mark, which some libraries write.
    value = JSON.parse(body.replace(/^\ufeff/, ''));
  } catch {
    return refuse('not-json', 'body', bodyExpected(body), body);
  }
  const given = Array.isArray(value) ? value : [value];
  const events = given.length > MAX_BODY_EVENTS ? given : given.flatMap((one) => unwrapped(one));
  if (events.length > MAX_BODY_EVENTS)
    return refuse('too-large', 'body', `at most ${MAX_BODY_EVENTS} events`, events.length);
  const openings = events.filter((event) => isObject(event) && event.type === 'presale.started').length;
  if (openings > MAX_BODY_OPENINGS)
    return refuse('too-large', 'body', `at most ${MAX_BODY_OPENINGS} openings of campaigns`, openings);
  return events.length > 0
    ? { ok: true, events }
    : refuse('not-an-object', 'body', 'an event or a batch of events in JSON', value);
};

const brokenRule = (definition: CampaignDefinition, prefix: string): Refused | undefined => {
  for (const rule of CAMPAIGN_RULES) {
    const broken = rule(definition);
    if (broken) return refuse('rule-broken', prefix + broken.field, broken.expected, broken.value);
  }
  return undefined;
};

const brokenRuleOf = (event: PipelineEvent): Refused | undefined => {
  switch (event.type) {
    case 'presale.started':
      return brokenRule(event.data, 'data.');
    case 'member.linked': {
      const broken = brokenLinkRule(event.data);
      return broken && refuse('rule-broken', `data.${broken.field}`, broken.expected, broken.value);
    }
    default:
      return undefined;
  }
};

/** Parses a campaign definition on its own, as in a `--campaign` file; fields are named from the definition's root. */
export const parseCampaignDefinition = (
  value: unknown,
): { ok: true; definition: CampaignDefinition } | Refused => {
  if (!isObject(value)) return refuse('not-an-object', 'definition', 'an object', value);
  const result = z.safeParse(campaignDefinition, value);
  if (!result.success) return { ok: false, rejection: firstFault(result.error.issues, value, 'definition') };
  return brokenRule(result.data, '') ?? { ok: true, definition: result.data };
};

/** A model in an opening (`presale.started`) has bounds of its own, see `bounds.ts`. */
const boundBrokenBy = (value: Record<string, unknown>, type: EventType): BrokenBound | undefined => {
  if (type !== 'presale.started') return brokenBound(value, MAX_EVENT_VALUES);
  const { data } = value;
  const coupons = isObject(data) ? data.coupons : undefined;
  if (!isObject(data) || !isObject(coupons) || !isObject(coupons.ownModel))
    return brokenBound(value, MAX_OPENING_VALUES);
  const { ownModel, ...rest } = coupons;
  return (
    brokenBound({ ...value, data: { ...data, coupons: rest } }, MAX_OPENING_VALUES) ??
    brokenBound(ownModel, MAX_MODEL_VALUES)
  );
};

/**
 * Parses one event that JSON.parse gave, at the time `nowMs` (ms since the epoch): the envelope first, then the data.
 * The event that comes back is a copy with its times in canonical form. Refuses with the first fault, never throws.
 */
export const parseEvent = (value: unknown, nowMs: number): { ok: true; event: PipelineEvent } | Refused => {
  if (!isObject(value)) return refuse('not-an-object', 'event', 'an object', value);
  const { specversion, type } = value;
  const wrapper = specversion === undefined ? wrapperOf(value) : undefined;
  if (wrapper !== undefined) return refuse('missing-field', wrapper.field, wrapper.expected, wrapper.value);
  if (specversion !== SPEC_VERSION) {
    const reason = specversion === undefined || specversion === null ? 'missing-field' : 'wrong-specversion';
    return refuse(reason, 'specversion', `"${SPEC_VERSION}"`, specversion);
  }
  if (!isEventType(type)) {
    const reason = type === undefined || type === null ? 'missing-field' : 'unknown-type';
    return refuse(reason, 'type', `one of ${EVENT_TYPES.join(', ')}`, type);
  }
  if (value.data_base64 !== undefined && value.data_base64 !== null && value.data === undefined) {
    return refuse('unknown-field', 'data_base64', 'the JSON in data, not in base64', value.data_base64);
  }
  const bound = boundBrokenBy(value, type);
  if (bound !== undefined) return refuse('too-large', bound.field, bound.expected, value);
  const own = withoutExtensions(value);
  const result = z.safeParse(EVENT_SCHEMAS[type] as z.ZodMiniType<PipelineEvent>, own);
  if (!result.success) return { ok: false, rejection: firstFault(result.error.issues, own, 'event') };
  const event = result.data;
  if (Date.parse(event.time) > nowMs + CLOCK_SKEW_MS) {
    const latest = new Date(nowMs + CLOCK_SKEW_MS).toISOString();
    return refuse('future-time', 'time', `a time no later than ${latest}`, value.time);
  }
  return brokenRuleOf(event) ?? { ok: true, event };
};
