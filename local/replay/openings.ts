import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type CampaignDefinition,
  type CampaignSettings,
  campaignSettings,
  formatTime,
  parseCampaignDefinition,
  parseEvent,
  type Rejection,
} from '#events/contract.ts';
import { fileError, InputError } from '#local/console/input-error.ts';
import { escapeAboveBmp } from '#platform/ascii-bodies.ts';
import { replayWindow } from './replay-window.ts';
import type { Survey } from './survey.ts';

/** A presale.started event that is sent before all orders. */
export type Opening = {
  campaignId: string;
  settings: CampaignSettings;
  /** The event's JSON text. */
  text: string;
  /** Whether the run fails if the pipeline refuses it. For events of the input itself, a refusal is a normal result. */
  isRequired: boolean;
};

const REPLAY_CAMPAIGN = 'replay';
/** A century: no order of the past is too late for a replay. */
const REPLAY_HORIZON_HOURS = 876_000;
const DAY_MS = 86_400_000;
const ID_HASH_CHARACTERS = 16;
const BYTE_ORDER_MARK = /^\ufeff/;

/** Reads a campaign definition, or a whole presale.started event. Throws an InputError that names the field at fault. */
export const readCampaignFile = (path: string, nowMs: number): Opening => {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8').replace(BYTE_ORDER_MARK, ''));
  } catch (cause) {
    throw fileError(`--campaign ${path}`, cause);
  }
  const refuse = ({ message }: Rejection) => new InputError(`--campaign ${path}: ${message}`);
  if (typeof value === 'object' && value !== null && 'specversion' in value) {
    const parsed = parseEvent(value, nowMs);
    if (!parsed.ok) throw refuse(parsed.rejection);
    const { event } = parsed;
    if (event.type !== 'presale.started') {
      throw new InputError(`--campaign ${path}: expected a presale.started event, got ${event.type}`);
    }
    return openingOf(event.data, JSON.stringify(event));
  }
  const parsed = parseCampaignDefinition(value);
  if (!parsed.ok) throw refuse(parsed.rejection);
  return openingOf(parsed.definition, eventTextOf(parsed.definition, nowMs));
};

/**
 * One campaign over all orders of an input, in the given currency if there is one, with windows that suit the span and number of
 * the orders. Throws an InputError if the contract does not allow a campaign that long.
 */
export const replayOpening = (
  { firstMs, lastMs, orders }: Survey,
  nowMs: number,
  currency?: string,
): Opening => {
  const windowSeconds = replayWindow(lastMs - firstMs, orders);
  const stepMs = Math.min(windowSeconds * 1_000, DAY_MS);
  const definition: CampaignDefinition = {
    campaignId: REPLAY_CAMPAIGN,
    startsAt: formatTime(Math.floor(firstMs / stepMs) * stepMs),
    endsAt: formatTime((Math.floor(lastMs / stepMs) + 1) * stepMs),
    metrics: { windowSeconds, shards: 1, horizonHours: REPLAY_HORIZON_HOURS },
    ...(currency === undefined ? {} : { display: { currency } }),
  };
  const parsed = parseCampaignDefinition(definition);
  if (!parsed.ok) {
    const span = `${formatTime(firstMs)} to ${formatTime(lastMs)}`;
    throw new InputError(
      `no one campaign can cover the orders from ${span} (${parsed.rejection.message}); give --campaign`,
    );
  }
  return openingOf(definition, eventTextOf(definition, nowMs));
};

const openingOf = (definition: CampaignDefinition, text: string): Opening => ({
  campaignId: definition.campaignId,
  settings: campaignSettings(definition),
  text: escapeAboveBmp(text),
  isRequired: true,
});

/** The same definition always becomes an event with the same id, and its time is no later than now. */
const eventTextOf = (definition: CampaignDefinition, nowMs: number): string => {
  const hash = createHash('sha256').update(JSON.stringify(definition)).digest('base64url');
  return JSON.stringify({
    specversion: '1.0',
    id: `${definition.campaignId}:${hash.slice(0, ID_HASH_CHARACTERS)}`,
    source: 'urn:zhihui:campaigns',
    type: 'presale.started',
    time: formatTime(Math.min(nowMs, Date.parse(definition.startsAt))),
    data: definition,
  });
};
