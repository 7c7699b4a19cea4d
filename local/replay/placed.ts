/** Writes into each event of a replay its place in the input file. */
import { PLACE_ATTRIBUTE } from '#events/place.ts';
import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import { escapeAboveBmp } from '#platform/ascii-bodies.ts';
import type { Sendable } from './sources/source.ts';

/** A packed text has the two brackets of its batch around it. Texts that are sent alone have the same bound, for simplicity. */
const TEXT_BYTES_MAX = SQS_MESSAGE_BYTES_MAX - 2;

/** The text of a JSON object with another field (`member`) at its end. If two fields have one name, the last one counts. */
const withMember = (text: string, member: string): string => {
  const end = text.lastIndexOf('}');
  const others = text.slice(0, end);
  return `${others}${others.trimEnd().endsWith('{') ? '' : ','}${member}}`;
};

const batchOf = (text: string): unknown[] | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The text of a record with its place in the file, from 1. A record that is neither a JSON object nor a batch of them stays
 * unchanged, so that it is refused as it was written. So does a record that SQS would refuse with the place in it.
 */
export const placed = ({ text, alone }: Sendable, place: number): Sendable => {
  const attribute = `"${PLACE_ATTRIBUTE}":${place}`;
  if (!alone) {
    if (!text.trimStart().startsWith('{')) return { text, alone };
    const withPlace = withMember(text, attribute);
    return Buffer.byteLength(withPlace) > TEXT_BYTES_MAX ? { text, alone } : { text: withPlace, alone };
  }
  const batch = batchOf(text);
  if (batch === undefined) return { text, alone };
  const withPlaces = batch.map((event) => (isObject(event) ? { ...event, [PLACE_ATTRIBUTE]: place } : event));
  const body = escapeAboveBmp(JSON.stringify(withPlaces));
  return Buffer.byteLength(body) > TEXT_BYTES_MAX ? { text, alone } : { text: body, alone };
};
