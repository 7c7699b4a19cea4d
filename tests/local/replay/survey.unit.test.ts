import { statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { campaignSettings } from '#events/contract.ts';
import { readCampaignFile, replayOpening } from '#local/replay/openings.ts';
import { ndjsonSource } from '#local/replay/sources/ndjson.ts';
import { type Survey, surveySource } from '#local/replay/survey.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const NOW_MS = Date.UTC(2026, 0, 1);

const order = (time: string, change: object = {}) => ({
  specversion: '1.0',
  id: `at-${time}`,
  source: '/test',
  type: 'order.paid',
  time,
  data: { orderId: 'o', memberId: 'm', brandId: 'b', channel: 'far', amountFen: 1 },
  ...change,
});

const DEFINITION = {
  campaignId: 'double11',
  startsAt: '2025-11-10T16:00:00.000Z',
  endsAt: '2025-11-11T16:00:00.000Z',
};

const survey = (values: unknown[], campaigns: (typeof DEFINITION)[] = []): Promise<Survey> => {
  const lines = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const path = directory.write('events.ndjson', lines.join('\n'));
  return surveySource(ndjsonSource(path, path, statSync(path).size), {
    nowMs: NOW_MS,
    campaigns: campaigns.map(campaignSettings),
    withIndex: false,
    onUnreadable: () => {},
    signal: new AbortController().signal,
  });
};

describe('a survey', () => {
  it('counts records, events and orders, and finds the span of the orders', async () => {
    const found = await survey([
      order('2025-11-11T00:00:05Z'),
      order('2025-11-11T00:00:01Z'),
      [order('2025-11-11T00:00:09Z'), order('2025-11-11T00:00:02Z')],
      'not json',
      [],
      'bell \u0007',
    ]);
    expect(found).toMatchObject({
      records: 5,
      events: 6,
      unreadable: 1,
      orders: 4,
      firstMs: Date.UTC(2025, 10, 11, 0, 0, 1),
      lastMs: Date.UTC(2025, 10, 11, 0, 0, 9),
    });
  });

  it('leaves orders that the contract refuses out of the count and the span', async () => {
    const found = await survey([
      order('2025-11-11T00:00:05Z'),
      order('2031-01-01T00:00:00Z'),
      order('1970-01-01T00:00:00Z', { specversion: '0.3' }),
      order('soon'),
    ]);
    expect(found).toMatchObject({ records: 4, orders: 1, firstMs: found.lastMs });
  });

  it('finds the campaigns that the input opens', async () => {
    const opening = order('2025-11-01T00:00:00Z', { type: 'presale.started', data: DEFINITION });
    const found = await survey([order('2025-11-11T00:00:05Z'), opening]);
    expect(found.presales).toMatchObject([
      { record: 1, isAlone: true, text: JSON.stringify(opening), settings: { campaignId: 'double11' } },
    ]);
  });

  it('counts the orders of each campaign that was given', async () => {
    const other = {
      ...DEFINITION,
      campaignId: 'other',
      startsAt: '2025-11-11T16:00:00.000Z',
      endsAt: '2025-12-01T00:00:00.000Z',
    };
    const orders = ['2025-11-10T15:59:59.999Z', '2025-11-10T16:00:00Z', '2025-11-11T15:59:59.999Z'];
    const found = await survey(
      orders.map((time) => order(time)),
      [DEFINITION, other],
    );
    expect(found.covered).toEqual([2, 0]);
  });
});

describe('the campaign that a replay makes if it is given none', () => {
  it('covers every order, whatever the span', async () => {
    for (const times of [
      ['2025-11-11T00:00:00Z'],
      ['2025-11-11T00:00:00Z', '2025-11-11T23:59:59.999Z'],
      ['2021-01-01T00:00:00Z', '2025-12-31T00:00:00Z'],
      ['1970-01-01T00:00:00Z', '1970-03-01T00:00:00Z'],
    ]) {
      const found = await survey(times.map((time) => order(time)));
      const { settings, text, isRequired } = replayOpening(found, NOW_MS);
      expect(settings.startsAtMs).toBeLessThanOrEqual(found.firstMs);
      expect(settings.endsAtMs).toBeGreaterThan(found.lastMs);
      expect(isRequired).toBe(true);
      expect(JSON.parse(text)).toMatchObject({ type: 'presale.started', data: { campaignId: 'replay' } });
      expect(replayOpening(found, NOW_MS + 1_000).text).toBe(text);
    }
  });

  it('is refused for orders that no single campaign can cover', async () => {
    const found = await survey([order('2015-01-01T00:00:00Z'), order('2025-01-01T00:00:00Z')]);
    expect(() => replayOpening(found, NOW_MS)).toThrow(
      'no one campaign can cover the orders from 2015-01-01T00:00:00.000Z to 2025-01-01T00:00:00.000Z',
    );
  });
});

describe('a campaign file', () => {
  const read = (value: unknown) =>
    readCampaignFile(
      directory.write('campaign.json', typeof value === 'string' ? value : JSON.stringify(value)),
      NOW_MS,
    );

  it('may hold a definition, which becomes the same event every time', () => {
    const opening = read(DEFINITION);
    expect(JSON.parse(opening.text)).toMatchObject({
      id: expect.stringMatching(/^double11:[\w-]{16}$/),
      type: 'presale.started',
      time: DEFINITION.startsAt,
      data: DEFINITION,
    });
    expect(read(`\ufeff${JSON.stringify(DEFINITION)}`).text).toBe(opening.text);
    expect(read({ ...DEFINITION, endsAt: '2025-11-12T16:00:00.000Z' }).text).not.toBe(opening.text);
  });

  it('may hold a whole event', () => {
    const event = order('2025-11-01T00:00:00.000Z', { type: 'presale.started', data: DEFINITION });
    expect(JSON.parse(read(event).text)).toEqual(event);
  });

  it.each([
    [{ ...DEFINITION, endsAt: DEFINITION.startsAt }, 'endsAt: expected a time after startsAt'],
    [{ ...DEFINITION, budget: 1 }, 'budget'],
    [order('2025-11-01T00:00:00Z'), 'expected a presale.started event, got order.paid'],
    ['{', 'campaign.json: '],
    [[], 'definition: expected an object'],
  ])('that is wrong is refused, and the fault is named: %j', (value, message) => {
    expect(() => read(value)).toThrow(message);
  });

  it('that is not there is named in the refusal', () => {
    expect(() => readCampaignFile('/nowhere/c.json', NOW_MS)).toThrow(
      '--campaign /nowhere/c.json: no such file',
    );
  });
});
