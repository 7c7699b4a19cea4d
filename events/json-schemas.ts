/** JSON Schemas (2020-12) of the contract, made from the schemas that the parser uses. */
import * as z from 'zod/mini';
import { FIELD_DESCRIPTIONS } from './descriptions.ts';
import { namesBut, OWN_FIELDS } from './envelope.ts';
import { amountFen, attribute, campaignId, id, time, uriReference } from './fields.ts';
import { TRACEPARENT_ATTRIBUTE } from './traceparent.ts';
import { EVENT_SCHEMAS, type EventType } from './types.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Fields that occur more than once are defined once, under these names. */
const definitions = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries({ amountFen, attribute, campaignId, id, time, uriReference })) {
  definitions.add(schema, { id: name });
}

/** Adds a description to every property, at any depth. Throws for a property that has none. */
export const describeFields = (schema: JsonSchema): void => {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const description = FIELD_DESCRIPTIONS[name];
    if (description === undefined) throw new Error(`field ${name}: expected a description, got none`);
    if (typeof property !== 'boolean') {
      property.description = description;
      describeFields(property);
    }
  }
  for (const option of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) {
    if (typeof option !== 'boolean') describeFields(option);
  }
  if (schema.items !== undefined && !Array.isArray(schema.items) && typeof schema.items !== 'boolean') {
    describeFields(schema.items);
  }
};

/** Matches the names of all extension attributes but `traceparent`, which is a property of its own. */
const IGNORED_PATTERN = namesBut([...OWN_FIELDS, TRACEPARENT_ATTRIBUTE]);

const EXTENSION: JsonSchema = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'null' }],
  description: 'A CloudEvents extension attribute. Ignored.',
};

/** An invalid traceparent is ignored, so the schema allows any value that an attribute may have. */
const TRACEPARENT: JsonSchema = {
  ...EXTENSION,
  description: FIELD_DESCRIPTIONS[TRACEPARENT_ATTRIBUTE]!,
  examples: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
};

/**
 * The JSON Schema of one event type. It accepts whatever the parser accepts; it cannot express a time that is too far
 * ahead of the clock, the bounds on an event's size, or the rules between fields.
 */
export const jsonSchemaOf = (type: EventType): JsonSchema => {
  const schema = z.toJSONSchema(EVENT_SCHEMAS[type], { io: 'input', metadata: definitions });
  const { $schema, ...rest } = schema as JsonSchema;
  describeFields(rest);
  return {
    $schema,
    title: type,
    ...rest,
    properties: { ...rest.properties, [TRACEPARENT_ATTRIBUTE]: TRACEPARENT },
    patternProperties: { [IGNORED_PATTERN.source]: EXTENSION },
  };
};
