/** The envelope: CloudEvents 1.0 in its JSON format, with `data` of one type. */
import * as z from 'zod/mini';
import { attribute, id, record, time, uriReference } from './fields.ts';

export const SPEC_VERSION = '1.0';

/**
 * The envelope around one type of data. An optional attribute may be null, which CloudEvents' JSON format makes the
 * same as absent. The tracing extension is let through and ignored; other extensions are unknown fields, because a
 * misspelt attribute would otherwise pass for one.
 */
export function envelope<const Type extends string, const Data extends z.core.$ZodType>(
  type: Type,
  data: Data,
) {
  return record({
    specversion: z.literal(SPEC_VERSION),
    type: z.literal(type),
    id,
    source: uriReference,
    time,
    subject: z.nullish(attribute),
    datacontenttype: z.nullish(z.literal('application/json')),
    dataschema: z.nullish(uriReference),
    traceparent: z.nullish(attribute),
    tracestate: z.nullish(attribute),
    data,
  });
}
