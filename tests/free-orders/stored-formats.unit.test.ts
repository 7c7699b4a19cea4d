import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { FIRST_CHECK, readBody, unseal } from '#domain/free-orders/audit/export-format.ts';
import { DrawVerifier } from '#domain/free-orders/audit/verify-draw.ts';
import type { LinkedIds } from '#domain/free-orders/draw/ledger.ts';
import { advanceSlot, readSlot, type SlotState } from '#domain/free-orders/entries/draws-table.ts';
import { packOrders, unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import type { StoredOrder } from '#domain/free-orders/entries/kept-order.ts';
import { fixSlotLinks, readSlotLinks } from '#domain/free-orders/entries/slot-links.ts';
import type { Runtime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { entryOf, exportInstant, instantRules } from './factory.ts';

const ORDERS: readonly StoredOrder[] = [
  {
    orderId: 'o1',
    memberId: 'm1',
    timeMs: 1_000,
    channel: 'near',
    storeId: 's1',
    paidFen: 4_900,
    tier: 'plus',
    firstOrder: true,
  },
  {
    orderId: '0123456789abcdef0123456789abcdef',
    pseudonym: '00112233445566778899',
    timeMs: 1_500,
    channel: 'far',
    storeId: '',
    paidFen: 20_000,
    tier: '',
    firstOrder: false,
    blocked: true,
  },
];

/** A block of version 2 as it is stored in a table. Later versions of the code must still read it. */
const BLOCK_V2 = 'AgIaASNFZ4mrze8BI0VniavN7wARIjNEVWZ3iJljZWDKN2RlYco1fMH+hXmJ2oI5jMw8TMWGDCwFOaXFDAA=';

const BLOCK_V3 = 'AwcCGgEjRWeJq83vASNFZ4mrze8AESIzRFVmd4iZY2VgyjdkZWHKNXzB/oV5idqCOYzMPEzFhgwsBTmlxQwA';

/** Lines of an export of version 1 as a third party holds them. */
const EXPORT_V1 = [
  '{"kind":"draw","version":1,"facts":{"campaignId":"sale-2026","startsAt":"2026-11-10T16:00:00.000Z","endsAt":"2026-11-10T17:00:00.000Z","freeOrders":{"mode":"instant","odds":{"win":1,"in":10},"channels":["near"],"capFen":5000,"quota":1000,"budgetFen":10000000},"blockedMembers":0,"seedCommitment":"4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0","memberKeyCommitment":"8c0cc17a04942cc4f8e0fe0b302606d3108860c126428ba2ceeb5f9ed41c2b05","chain":null},"seed":"0707070707070707070707070707070707070707070707070707070707070707","check":"e7545414e1262b8a"}',
  '{"kind":"entry","entry":["order-0000001","26ea65ad0ae1f892582e",1794326407919,"near","store-1",1037,null,false,false,false],"ticket":"a4b1daa87746f17d","outcome":"not-drawn","awardFen":0,"revoked":false,"check":"9d3d1900247c59e1"}',
  '{"kind":"close","entries":1,"outcomes":{"not-drawn":1},"revoked":0,"awardedFen":0,"root":"a668d3ad33e1a5293a2423b758a646ffbc47a6af181642b379ceab36006482c6","check":"5c7ebf222bf0f085"}',
];

const EXPORT_V2: readonly string[] = [
  '{"kind":"draw","version":2,"facts":{"campaignId":"sale-2026","startsAt":"2026-11-10T16:00:00.000Z","endsAt":"2026-11-10T17:00:00.000Z","freeOrders":{"mode":"instant","odds":{"win":1,"in":10},"channels":["near"],"capFen":5000,"quota":1000,"budgetFen":10000000},"blockedMembers":0,"seedCommitment":"4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0","memberKeyCommitment":"8c0cc17a04942cc4f8e0fe0b302606d3108860c126428ba2ceeb5f9ed41c2b05","format":2,"chain":null},"seed":"0707070707070707070707070707070707070707070707070707070707070707","check":"3a7b233962585465"}',
  '{"kind":"entry","entry":["order-0000001","26ea65ad0ae1f892582e",1794326407919,"near","store-1",1037,null,false,false,0],"ticket":"9364938432bde9bc","outcome":"not-drawn","awardFen":0,"revoked":false,"paidOutFen":0,"check":"fbe4195df832c188"}',
  '{"kind":"close","entries":1,"outcomes":{"not-drawn":1},"revoked":0,"awardedFen":0,"paidOutFen":0,"root":"ce07e801022ff8865832674e634a4ec6a1ec1c08fa4be22903c05182a73e2aef","check":"25beb18e09e02477"}',
];

describe('a block of entries', () => {
  it('is refused if it states more orders than its columns can hold', () => {
    const damaged = Buffer.from(
      'Awf///8CGgEjRWeJq83vASNFZ4mrze8AESIzRFVmd4iZY2VgyjdkZWHKNXzB/oV5idqCOYzMPEzFhgwsBTmlxQwA',
      'base64',
    );
    expect(() => unpackOrders(damaged)).toThrow(
      /^count: expected at most \d+ for the bytes left, got 6291455$|^bytes: /,
    );
  });

  it('of version 2 is read from its bytes', () => {
    expect(unpackOrders(Buffer.from(BLOCK_V2, 'base64'))).toEqual(
      ORDERS.map((order) => ({ order, judgedMs: 0 })),
    );
  });

  it('of version 3 says when its orders were judged', () => {
    expect(unpackOrders(Buffer.from(BLOCK_V3, 'base64'))).toEqual(
      ORDERS.map((order) => ({ order, judgedMs: 7 })),
    );
  });

  it('is written as version 3', () => {
    expect(packOrders(ORDERS, 7).map(({ body }) => Buffer.from(body).toString('base64'))).toEqual([BLOCK_V3]);
  });
});

describe('an export', () => {
  it('of version 1 is read line by line', () => {
    let check = FIRST_CHECK;
    const kinds = EXPORT_V1.map((text) => {
      const line = unseal(check, text)!;
      expect(line.claimed).toBe(line.expected);
      check = line.claimed;
      return readBody(line.body, 1)?.kind;
    });
    expect(kinds).toEqual(['draw', 'entry', 'close']);
  });

  it('of version 1 is verified with tickets of format 1', () => {
    const verifier = new DrawVerifier();
    for (const line of EXPORT_V1) verifier.line(line);
    expect(verifier.finish()).toMatchObject({ ok: true, findings: [] });
  });

  it('fails verification if its version is not the one in its facts', () => {
    const verifier = new DrawVerifier();
    for (const line of EXPORT_V1) verifier.line(line.replace('"version":1', '"version":2'));
    expect(verifier.finish().findings.map(({ message }) => message)).toContain(
      'version: expected 1, as in the facts, got 2',
    );
  });

  it('is written as version 2', () => {
    const { lines } = exportInstant(instantRules(), [entryOf(1)]);
    expect(lines.map((line) => line.trimEnd())).toEqual(EXPORT_V2);
  });
});

describe('the item of a drawn slot', () => {
  const statement = { slot: 3, entries: 2, root: 'ab'.repeat(32), publishedAtMs: 1_000, round: 7 };
  const drawn = {
    kind: 'drawn',
    statement,
    randomness: 'cd'.repeat(32),
    signature: 'ef',
    remaining: { quota: 4, budgetFen: 5_000 },
  } satisfies SlotState;
  const text = `{"kind":"drawn","statement":${JSON.stringify(statement)},"randomness":"${'cd'.repeat(32)}","signature":"ef","purse":{"quota":4,"budgetFen":5000}}`;

  /** A table that holds one item, and the inputs of the commands that it was sent. */
  const tableWith = (item: object) => {
    const inputs: Record<string, unknown>[] = [];
    const send = async ({ input }: { input: Record<string, unknown> }) => {
      inputs.push(input);
      return { Item: item };
    };
    return { runtime: { dynamodb: { send }, environment: () => 'draws' } as unknown as Runtime, inputs };
  };

  it('is read with the remaining prizes in the field "purse"', async () => {
    const { runtime } = tableWith({ kind: { S: 'drawn' }, state: { S: text } });
    expect(await readSlot(runtime, 'sale', 3)).toEqual(drawn);
  });

  it('is written with the remaining prizes in the field "purse"', async () => {
    const { runtime, inputs } = tableWith({});
    await advanceSlot(runtime, { campaignId: 'sale', slot: 3 }, 'closed', drawn);
    expect(inputs[0]).toMatchObject({ ExpressionAttributeValues: { ':state': { S: text } } });
  });
});

describe('the links of a slot', () => {
  const KEY = { draw: { S: 'sale#slots' }, item: { S: '00003#LINKS' } };
  /** Two links, as the version that kept all links of a slot in one item stored them. */
  const BYTES = Buffer.from('ABEiM0RVZneImZmId2ZVRDMiEQAAESIzRFVmd6q7ASNFZ4mrze8BIw==', 'base64');
  const LINKS: readonly LinkedIds[] = [
    ['00112233445566778899', '99887766554433221100'],
    ['0011223344556677aabb', '0123456789abcdef0123'],
  ];

  it('are read from one item that holds them all', async () => {
    const dynamodb = emulatedTables();
    const Item = { ...KEY, links: { B: new Uint8Array(BYTES) } };
    await dynamodb.send(new PutItemCommand({ TableName: 'Draws', Item }));
    const runtime = testRuntime({ clients: { dynamodb } });
    expect(await readSlotLinks(runtime, 'sale', 3)).toEqual(LINKS);
    expect(await fixSlotLinks(runtime, 'sale', 3, [])).toEqual(LINKS);
  });

  it('are still written as one item if they fit in one page', async () => {
    const dynamodb = emulatedTables();
    await fixSlotLinks(testRuntime({ clients: { dynamodb } }), 'sale', 3, LINKS);
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'Draws', Key: KEY }));
    expect(Item).toEqual({ ...KEY, links: { B: new Uint8Array(BYTES) } });
  });
});
