import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { couponGrant } from '#domain/grants/grant.ts';
import { grantEvent } from '#domain/grants/grant-events.ts';
import { type Reject, rejectOf } from '#domain/intake/rejects.ts';
import { parseEvent } from '#events/contract.ts';
import { contractFile, generatedFiles, readSamples } from '#events/generate.ts';
import { describeFields } from '#events/json-schemas.ts';
import { REJECT_REASONS } from '#events/rejection.ts';
import { EVENT_TYPES, type EventType } from '#events/types.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { NOW_MS } from './factories.ts';

const read = (path: string) => readFileSync(contractFile(path), 'utf8');

const validators = new Map<string, ValidateFunction>(
  EVENT_TYPES.map((type) => [type, new Ajv2020().compile(JSON.parse(read(`schemas/${type}.json`)))]),
);

type Event = { type: EventType; time: string; id: string; data: Record<string, unknown> };

const eventsOf = (file: string): Event[] =>
  read(file)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

const sale = eventsOf('sample.ndjson');

it.each([...generatedFiles()])('events/%s is what `npm run contract` writes', (path, text) => {
  expect(read(path)).toBe(text);
});

it.each(['oneOf', 'anyOf'])('the JSON Schemas describe the fields of every alternative in `%s`', (word) => {
  const alternative = { properties: { orderId: {} } };
  describeFields({ [word]: [{}, alternative] });
  expect(alternative.properties.orderId).toHaveProperty('description');
  expect(() => describeFields({ [word]: [{ properties: { unheardOf: {} } }] })).toThrow('field unheardOf');
});

const origin = (sentMs: number) => ({ body: '', place: 'message#0', sentMs });

describe('the sample events', () => {
  it.each(Object.entries(readSamples()))(
    'of type %s are accepted by the parser and by its JSON Schema',
    (type, event) => {
      expect(parseEvent(event, NOW_MS)).toEqual({ ok: true, event });
      expect(validators.get(type)?.(event)).toBe(true);
    },
  );

  it.each(['sample.ndjson', 'sale.ndjson'])(
    'in %s are accepted by the parser and by the JSON Schemas, and no two have the same id',
    (file) => {
      const events = eventsOf(file);
      for (const event of events) {
        expect(parseEvent(event, NOW_MS)).toEqual({ ok: true, event });
        expect(validators.get(event.type)?.(event)).toBe(true);
      }
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    },
  );

  it('in sample.ndjson are a whole small sale', () => {
    const count = (type: EventType) => sale.filter((event) => event.type === type).length;
    expect([count('presale.started'), count('order.paid'), count('order.refunded')]).toEqual([1, 42, 4]);
    expect(new Set(sale.map(({ data }) => data.channel))).toEqual(new Set([undefined, 'far', 'near']));
  });

  it('belong together: orders of the campaign, refunds of these orders, and single samples of the same sale', () => {
    const [opened, ...orders] = sale;
    const { startsAt, endsAt } = opened?.data ?? {};
    expect(orders.every(({ time }) => time >= String(startsAt) && time < String(endsAt))).toBe(true);
    for (const refund of orders.filter(({ type }) => type === 'order.refunded')) {
      const paid = orders.find(
        ({ type, data }) => type === 'order.paid' && data.orderId === refund.data.orderId,
      );
      expect(paid?.data).toMatchObject({ memberId: refund.data.memberId, brandId: refund.data.brandId });
      expect(Number(refund.data.amountFen)).toBeLessThanOrEqual(Number(paid?.data.amountFen));
      expect(String(paid?.time) < refund.time).toBe(true);
    }
    const {
      'member.updated': member,
      'member.erased': erased,
      'member.linked': linked,
      'campaign.paused': paused,
      'campaign.resumed': resumed,
      'campaign.capped': capped,
      'campaign.closed': closed,
      'campaign.extended': extended,
      ...ofSale
    } = readSamples();
    for (const sample of Object.values(ofSale)) expect(sale).toContainEqual(sample);
    for (const one of [paused, resumed, capped, closed, extended])
      expect((one as Event).data.campaignId).toBe(opened?.data.campaignId);
    for (const one of [member, linked, erased])
      expect(orders.some(({ data }) => data.memberId === (one as Event).data.memberId)).toBe(true);
  });
});

type Message = { payload: { $ref: string }; contentType: string; examples: { payload: unknown }[] };
type Channel = {
  address: null;
  messages: Record<string, { $ref: string }>;
  bindings: { sqs: { queue: object } };
};
type Operation = { action: string; channel: { $ref: string }; messages: { $ref: string }[] };

describe('the AsyncAPI document', () => {
  const text = read('asyncapi.json');
  const document = JSON.parse(text) as {
    asyncapi: string;
    info: Record<string, unknown>;
    servers: Record<string, { host: string; protocol: string }>;
    channels: Record<string, Channel>;
    operations: Record<string, Operation>;
    components: { messages: Record<string, Message>; schemas: Record<string, object> };
  };

  /** What a local reference points at; undefined if it points at nothing. */
  const resolve = (reference: string): unknown =>
    reference
      .split('/')
      .slice(1)
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], document);

  it('has what version 3.0.0 requires', () => {
    expect(document.asyncapi).toBe('3.0.0');
    expect(document.info).toMatchObject({
      title: 'zhihui',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(document.servers).toMatchObject({ aws: { protocol: 'sqs', host: expect.any(String) } });
    expect(Object.keys(document.channels)).toEqual(['events', 'control', 'grants', 'rejects']);
    for (const { address, bindings } of Object.values(document.channels)) {
      expect(address).toBeNull();
      expect(bindings.sqs.queue).toMatchObject({ name: expect.any(String), fifoQueue: false });
    }
    for (const { action, messages, channel } of Object.values(document.operations)) {
      expect(['send', 'receive']).toContain(action);
      expect(messages.every(({ $ref }) => $ref.startsWith(`${channel.$ref}/messages/`))).toBe(true);
    }
  });

  it('has no reference to something that does not exist', () => {
    const references = [...text.matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference]) => String(reference));
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((reference) => resolve(reference) === undefined)).toEqual([]);
  });

  it('has examples of every message, and each fits the schema of its message', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'asyncapi', ...document });
    for (const { payload, examples, contentType } of Object.values(document.components.messages)) {
      expect(contentType).toMatch(/^application\/(?:cloudevents(?:-batch)?\+)?json$/);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        ajv.validate(`asyncapi${payload.$ref}`, example.payload);
        expect(ajv.errors).toBeNull();
      }
    }
  });

  it('describes what intake puts on the rejects queue', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'asyncapi', ...document });
    const example = document.components.messages.rejected?.examples[0]?.payload as Reject;
    const { reason, field, message, receivedAt, event } = example;
    const refusal = { reason, field, message };
    expect(rejectOf(refusal, event, origin(Date.parse(receivedAt)))).toEqual(example);
    for (const refused of [event, '{"specversion":', { large: 'a'.repeat(900_000) }]) {
      ajv.validate('asyncapi#/components/schemas/rejected', rejectOf(refusal, refused, origin(NOW_MS)));
      expect(ajv.errors).toBeNull();
    }
  });

  it('describes what the outbox says about a grant', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema({ $id: 'asyncapi', ...document });
    const { grants } = document.channels;
    expect(grants).toBeDefined();
    const grant = couponGrant({
      campaignId: 'double11-2026',
      member: '会员-1',
      slot: 1,
      offer: {
        offerId: 'ten',
        pool: 'platform',
        thresholdFen: 5_000,
        discountFen: 1_000,
        scope: 'all',
        validHours: 24,
      },
      arm: 'engine',
      trigger: 'AAAAAAAAAAAAAAAA',
      grantedMs: NOW_MS,
      reason: { arm: 'engine', propensity: 0.5 },
      idKey: idKeyIn('double11-2026'),
    });
    ajv.validate('asyncapi#/components/schemas/granted', [grantEvent(grant)]);
    expect(ajv.errors).toBeNull();
  });

  it('lists every reason for a refusal', () => {
    expect(document.components.schemas.rejected).toMatchObject({
      properties: { reason: { enum: REJECT_REASONS } },
    });
  });
});

it('the contract adds less than 47 KB to a bundle', async () => {
  const { outputFiles } = await build({
    entryPoints: [contractFile('contract.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  expect(outputFiles[0]?.contents.length).toBeLessThan(47_000);
});
