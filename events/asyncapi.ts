/** The AsyncAPI 3.0.0 document: the queues that other systems use, and the messages on them. */
import { EVENT_DESCRIPTIONS } from './descriptions.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schemas.ts';
import { parseEvent } from './parse.ts';
import { REJECT_REASONS } from './rejection.ts';
import { EVENT_QUEUES, EVENT_TYPES, type EventType } from './types.ts';

/** The last number is raised for a new optional field, the middle one for a new event type, the first for a breaking change. */
export const CONTRACT_VERSION = '1.2.1';

const SQS_BINDING_VERSION = '0.2.0';

/** In seconds: 14 days, the longest time that SQS keeps a message. */
const KEPT_QUEUE_RETENTION_SECONDS = 1_209_600;

/** One event about a grant, on the grants queue. A message holds an array of such events. */
const grantSchema = (): object => {
  const text = { type: 'string' };
  const time = { $ref: '#/components/schemas/time' };
  const data = {
    type: 'object',
    properties: {
      grantId: {
        ...text,
        description: 'The grant that the event is about. An order names a coupon by this id.',
      },
      campaignId: { ...text, description: 'The campaign that gave it.' },
      memberId: { ...text, description: 'The member who has it.' },
      offerId: { ...text, description: 'The offer of the campaign that says how it may be used.' },
      amountFen: {
        type: 'integer',
        minimum: 1,
        description:
          'Its face value, in fen. Of a reduced grant, what is left of it; of a revoked grant, what is void.',
      },
      budget: { ...text, description: 'The arm and the pool that pay.' },
      expiresAt: { ...time, description: 'From this time on it is worth nothing.' },
      reason: {
        type: 'object',
        description: 'Why it was given: everything that is needed to repeat the decision.',
      },
    },
    required: ['grantId', 'campaignId', 'memberId', 'offerId', 'amountFen', 'budget', 'expiresAt', 'reason'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: {
      specversion: { const: '1.0' },
      type: {
        ...text,
        pattern: String.raw`^[a-z-]+\.(?:granted|reduced|revoked)$`,
        description:
          'What happened to the grant: it was given (such as coupon.granted), its amount became smaller (free-order.reduced), or it was taken back (free-order.revoked).',
      },
      id: {
        ...text,
        description:
          'Identifies the event: an event with the same id is a repetition. For a grant that is given, it is the id of the grant.',
      },
      source: { const: '/zhihui/grants' },
      time: { ...time, description: 'The time of the event that it was given for.' },
      subject: { ...text, description: 'The member.' },
      datacontenttype: { const: 'application/json' },
      traceparent: {
        ...text,
        pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
        description:
          'The traceparent of the event that brought this about, where it is known: an order, a refund, or the opening of the campaign. A repetition may have another one or none.',
      },
      data,
    },
    required: ['specversion', 'type', 'id', 'source', 'time', 'subject', 'datacontenttype', 'data'],
    additionalProperties: false,
  };
};

const GRANT_EXAMPLE = {
  specversion: '1.0',
  type: 'coupon.granted',
  id: 'double11-2026.coupon.01.q7Rk2vXo0bTnW-5e.Jd8_yLw3',
  source: '/zhihui/grants',
  time: '2026-11-10T16:01:55.179Z',
  subject: 'member-0002',
  datacontenttype: 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {
    grantId: 'double11-2026.coupon.01.q7Rk2vXo0bTnW-5e.Jd8_yLw3',
    campaignId: 'double11-2026',
    memberId: 'member-0002',
    offerId: 'ten-off-fifty',
    amountFen: 1_000,
    budget: 'baseline/platform',
    expiresAt: '2026-11-11T16:01:55.179Z',
    reason: { arm: 'baseline', propensity: 1 },
  },
};

/** Moves a schema's definitions out of it, so that all schemas of the document share them. */
const toComponent = (schema: JsonSchema): { component: JsonSchema; shared: Record<string, unknown> } => {
  const { $schema, $defs, ...rest } = JSON.parse(
    JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'),
  ) as JsonSchema;
  return { component: rest, shared: $defs ?? {} };
};

const schemaComponents = (): Record<string, unknown> => {
  const components = EVENT_TYPES.map((type) => ({ type, ...toComponent(jsonSchemaOf(type)) }));
  return {
    ...Object.fromEntries(components.map(({ type, component }) => [type, component])),
    batch: {
      type: 'array',
      minItems: 1,
      items: { oneOf: EVENT_TYPES.map((type) => ({ $ref: `#/components/schemas/${type}` })) },
    },
    granted: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/grant' } },
    grant: grantSchema(),
    rejected: {
      type: 'object',
      properties: {
        id: { type: 'string', description: 'Equal for the same refusal delivered again.' },
        reason: {
          type: 'string',
          enum: REJECT_REASONS,
          description:
            'The code of the reason, which is never renamed, so that refusals can be counted by it.',
        },
        field: { type: 'string', description: 'The full path of the field at fault.' },
        message: { type: 'string', description: 'The field, what was expected of it and what was given.' },
        receivedAt: { $ref: '#/components/schemas/time', description: 'When it was first received.' },
        event: { description: 'The refused event as it was received.' },
        body: {
          type: 'string',
          description: 'The body of the message as it was received, if it was not JSON.',
        },
        deflated: {
          type: 'string',
          description: 'The event or the body as JSON, raw deflated, in base64, if it is large.',
        },
        cut: {
          type: 'object',
          description:
            'What is kept of an event or a body that is too large for a message even when it is deflated.',
          properties: {
            prefix: { type: 'string', description: 'The beginning of its JSON, or of the body.' },
            bytes: { type: 'integer', description: 'Its length in UTF-8.' },
            sha256: { type: 'string', description: 'The SHA-256 of its UTF-8, in hexadecimal digits.' },
          },
          required: ['prefix', 'bytes', 'sha256'],
          additionalProperties: false,
        },
      },
      required: ['id', 'reason', 'field', 'message', 'receivedAt'],
      oneOf: [
        { required: ['event'] },
        { required: ['body'] },
        { required: ['deflated'] },
        { required: ['cut'] },
      ],
      additionalProperties: false,
    },
    ...Object.assign({}, ...components.map(({ shared }) => shared)),
  };
};

const message = (
  name: string,
  summary: string,
  contentType: string,
  examples: Record<string, unknown>[],
) => ({
  name,
  title: name,
  summary,
  contentType,
  payload: { $ref: `#/components/schemas/${name}` },
  examples,
});

/** The example of a rejected event: the sample order with a negative amount. */
const rejectedExample = (paid: unknown): unknown => {
  const good = paid as { time: string; data: object };
  const event = { ...good, data: { ...good.data, amountFen: -5 } };
  const result = parseEvent(event, Date.parse(good.time));
  if (result.ok) throw new Error('order.paid.json: expected a refusal of a negative amount, got none');
  return { id: 'kOb33krJydKFF5ZtPlxgcc', ...result.rejection, receivedAt: good.time, event };
};

const queue = (output: string, description: string, messages: readonly string[], binding: object) => ({
  address: null,
  description: `${description} Its URL is the stack's output ${output}.`,
  messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
  bindings: { sqs: { queue: { fifoQueue: false, ...binding }, bindingVersion: SQS_BINDING_VERSION } },
});

const operation = (
  action: 'send' | 'receive',
  channel: string,
  summary: string,
  messages: readonly string[],
) => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  summary,
  messages: messages.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
});

/** The messages of one of the two queues that producers send to. */
const messagesOf = (queue: 'events' | 'control'): readonly string[] => [
  ...EVENT_TYPES.filter((type) => EVENT_QUEUES[type] === queue),
  'batch',
];
const ORDER_MESSAGES = messagesOf('events');
const CONTROL_MESSAGES = messagesOf('control');

const channels = (): Record<string, unknown> => ({
  events: queue(
    'EventsQueueUrl',
    'Where producers send orders and refunds. A message is one event, or a batch of up to 1,000 events in an array.',
    ORDER_MESSAGES,
    { name: 'EventsQueue' },
  ),
  control: queue(
    'ControlQueueUrl',
    'Events that open, pause, resume, cap, extend and close campaigns, and that change, link and erase members. They have a queue of their own, so that senders of orders need no permission for them.',
    CONTROL_MESSAGES,
    { name: 'ControlQueue' },
  ),
  grants: queue(
    'GrantsQueueUrl',
    'Every grant, at least once, for the wallet and payment systems; docs/contract.md says in what order.',
    ['granted'],
    { name: 'GrantsQueue', messageRetentionPeriod: KEPT_QUEUE_RETENTION_SECONDS },
  ),
  rejects: queue(
    'RejectsQueueUrl',
    'Every event that was refused, one in each message, with the reason.',
    ['rejected'],
    {
      name: 'RejectsQueue',
      messageRetentionPeriod: KEPT_QUEUE_RETENTION_SECONDS,
    },
  ),
});

const operations = (): Record<string, unknown> => ({
  receiveEvents: operation('receive', 'events', 'Receive orders and refunds, in any order.', ORDER_MESSAGES),
  receiveControl: operation(
    'receive',
    'control',
    'Receive events about campaigns and members, in any order.',
    CONTROL_MESSAGES,
  ),
  sendGrants: operation('send', 'grants', 'Send every grant, and send it again after a crash.', ['granted']),
  sendRejects: operation('send', 'rejects', 'Every event that was refused; the queue keeps it for 14 days.', [
    'rejected',
  ]),
});

/** Builds the document. `samples` are the sample events by type, which become its examples. */
export const asyncApiDocument = (samples: Readonly<Record<EventType, unknown>>): object => {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'zhihui',
      version: CONTRACT_VERSION,
      description:
        'The events of a promotion pipeline for a mega-sale: what its producers send, and what it gives back.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      aws: {
        host: 'sqs.{region}.amazonaws.com',
        protocol: 'sqs',
        description: 'Amazon SQS, where the stack is deployed.',
        variables: { region: { default: 'us-east-1', description: 'The region of the stack.' } },
      },
    },
    channels: channels(),
    operations: operations(),
    components: {
      messages: {
        ...Object.fromEntries(
          EVENT_TYPES.map((type) => [
            type,
            message(type, EVENT_DESCRIPTIONS[type], 'application/cloudevents+json', [
              { name: type, payload: samples[type] },
            ]),
          ]),
        ),
        batch: message(
          'batch',
          'Several events in one message, each accepted or refused on its own.',
          'application/cloudevents-batch+json',
          [{ name: 'batch', payload: Object.values(samples) }],
        ),
        granted: message(
          'granted',
          'Events about grants. A repeated event has the same id.',
          'application/cloudevents-batch+json',
          [{ name: 'granted', payload: [GRANT_EXAMPLE] }],
        ),
        rejected: message('rejected', 'An event that was refused.', 'application/json', [
          { name: 'rejected', payload: rejectedExample(samples['order.paid']) },
        ]),
      },
      schemas: schemaComponents(),
    },
  };
};
