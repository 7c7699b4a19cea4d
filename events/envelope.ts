/** The envelope: CloudEvents 1.0 in its JSON format, with `data` of one type. */
import * as z from 'zod/mini';
import { attribute, id, jsonMediaType, record, time, uriReference } from './fields.ts';

export const SPEC_VERSION = '1.0';

/**
 * The envelope around one type of data. An optional attribute may be null, which CloudEvents' JSON format makes the
 * same as absent. Extension attributes are removed beforehand (see {@link withoutExtensions}).
 */
export const envelope = <const Type extends string, const Data extends z.core.$ZodType>(
  type: Type,
  data: Data,
) => {
  return record({
    specversion: z.literal(SPEC_VERSION),
    type: z.literal(type),
    id,
    source: uriReference,
    time,
    subject: z.nullish(attribute),
    datacontenttype: z.nullish(jsonMediaType),
    dataschema: z.nullish(uriReference),
    data,
  });
};

/** The names of the envelope's own fields. */
export const OWN_FIELDS = [
  'specversion',
  'type',
  'id',
  'source',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'data',
] as const;

/** Matches a name of lower-case letters and digits that is none of these. */
export const namesBut = (names: readonly string[]): RegExp =>
  new RegExp(`^(?!(?:${names.join('|')})$)[a-z0-9]+$`);

/**
 * The names of extension attributes: lower-case letters and digits (CloudEvents 1.0.2, "Naming conventions"), and none of the
 * envelope's own. `data_base64` is not such a name, so it is refused as an unknown field.
 */
const EXTENSION_PATTERN = namesBut(OWN_FIELDS);

/** What the type system of CloudEvents becomes in JSON; null is the same as absent. */
const isAttributeValue = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/**
 * The event without its extension attributes, which any CloudEvent may carry and which are no part of the event here. Only two
 * of them are read elsewhere: `traceparent` (`traceparent.ts`) and, in replays, the place in a file (`place.ts`). What cannot be
 * an extension stays, to be refused as an unknown field.
 */
export const withoutExtensions = (event: Record<string, unknown>): Record<string, unknown> => {
  const extensions = Object.keys(event).filter(
    (name) => EXTENSION_PATTERN.test(name) && isAttributeValue(event[name]),
  );
  if (extensions.length === 0) return event;
  const rest = { ...event };
  for (const name of extensions) delete rest[name];
  return rest;
};
