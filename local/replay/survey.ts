import {
  type CampaignSettings,
  campaignSettings,
  type PipelineEvent,
  parseBody,
  parseEvent,
} from '#events/contract.ts';
import { escapeAboveBmp } from '#platform/ascii-bodies.ts';
import { RecordIndex } from './record-index.ts';
import type { Source } from './sources/source.ts';

/** What an input holds, found by reading it once. */
export type Survey = {
  /** Records that can be sent. */
  records: number;
  /** Events in them; more than `records` if a line is a whole batch. */
  events: number;
  /** Records that cannot be sent. */
  unreadable: number;
  /** Paid and refunded orders that fit the contract, and the times of the first and the last of them in ms. */
  orders: number;
  firstMs: number;
  lastMs: number;
  /** How many of these orders are within each given campaign. */
  covered: number[];
  /** The events that open campaigns, each with its record and whether it is all that the record holds. */
  presales: { record: number; text: string; isAlone: boolean; settings: CampaignSettings }[];
  /** Where the records are in the file; only set if they are to be sent in random order. */
  index?: RecordIndex;
};

export type SurveyOptions = {
  nowMs: number;
  /** The campaigns whose orders are counted. */
  campaigns: readonly CampaignSettings[];
  withIndex: boolean;
  onUnreadable: (line: number, reason: string) => void;
  signal: AbortSignal;
};

/**
 * Reads an input once, without keeping it. Orders that the contract refuses do not count: otherwise a single order with a wrong
 * time would stretch the campaign that is made for the input's span.
 */
export const surveySource = async (
  source: Source,
  { nowMs, campaigns, withIndex, onUnreadable, signal }: SurveyOptions,
): Promise<Survey> => {
  const survey: Survey = {
    records: 0,
    events: 0,
    unreadable: 0,
    orders: 0,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    covered: campaigns.map(() => 0),
    presales: [],
    ...(withIndex ? { index: new RecordIndex() } : {}),
  };

  const note = (event: PipelineEvent, record: number, text: string, isAlone: boolean): void => {
    if (event.type === 'presale.started') {
      survey.presales.push({ record, text, isAlone, settings: campaignSettings(event.data) });
      return;
    }
    if (event.type !== 'order.paid' && event.type !== 'order.refunded') return;
    const timeMs = Date.parse(event.time);
    survey.orders += 1;
    survey.firstMs = Math.min(survey.firstMs, timeMs);
    survey.lastMs = Math.max(survey.lastMs, timeMs);
    campaigns.forEach(({ startsAtMs, endsAtMs }, i) => {
      if (timeMs >= startsAtMs && timeMs < endsAtMs) survey.covered[i]! += 1;
    });
  };

  let record = -1;
  for await (const records of source.records()) {
    if (signal.aborted) break;
    for (const found of records) {
      record += 1;
      survey.index?.add(found.start, found.kind === 'sendable');
      if (found.kind === 'unreadable') {
        survey.unreadable += 1;
        onUnreadable(found.line, found.reason);
        continue;
      }
      const { text } = found.sendable;
      const events = eventsOf(text);
      survey.records += 1;
      // A body without events is refused as a whole and counts as one.
      survey.events += Math.max(1, events.length);
      for (const value of events) {
        const parsed = parseEvent(value, nowMs);
        const isAlone = events.length === 1;
        if (parsed.ok) note(parsed.event, record, escapeAboveBmp(JSON.stringify(value)), isAlone);
      }
    }
  }
  return survey;
};

const eventsOf = (text: string): unknown[] => {
  const parsed = parseBody(text);
  return parsed.ok ? parsed.events : [];
};
