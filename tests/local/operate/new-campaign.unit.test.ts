import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CampaignDefinition } from '#events/contract.ts';
import { definitionFaults } from '#events/definition-faults.ts';
import { askFor, INIT } from '#local/cli/campaign-init.ts';
import { reader, type Values } from '#local/cli/options.ts';
import { assessCampaign } from '#local/operate/assess-campaign.ts';
import { newCampaign } from '#local/operate/new-campaign.ts';
import { temporaryDirectory } from '../replay/files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const NOW_MS = Date.parse('2026-11-10T12:30:00.000Z');
const BY = { nowMs: NOW_MS, salt: 'salt' };

/** The definition made from these answers, and the questions asked. An empty answer takes the suggested one. */
const answered = async (answers: Record<string, readonly string[]>) => {
  const asked: string[] = [];
  const definition = await newCampaign((question, suggested, read) => {
    const texts = [...(answers[question.option] ?? [''])];
    return askFor(
      async (text) => {
        asked.push(text);
        return texts.shift()!;
      },
      question,
      suggested,
      read,
    );
  }, BY);
  return { definition, asked };
};
const warningsOf = (definition: CampaignDefinition): string[] => {
  const assessed = assessCampaign(directory.write('assessed.json', JSON.stringify(definition)), NOW_MS);
  return assessed.valid ? assessed.plan.warnings : assessed.faults;
};

describe('a new campaign', () => {
  it('has the suggested values if only its id is given, without errors or warnings', async () => {
    const { definition, asked } = await answered({ id: ['sale'] });
    expect(asked[0]).toBe("the campaign's id: ");
    expect(asked).toContain('when it starts [2026-11-10T13:00:00.000Z]: ');
    expect(definition).toMatchObject({
      campaignId: 'sale',
      startsAt: '2026-11-10T13:00:00.000Z',
      endsAt: '2026-11-11T13:00:00.000Z',
      coupons: { salt: 'salt', offers: [{ offerId: '100-10', thresholdFen: 10_000, discountFen: 1_000 }] },
    });
    expect(definition.freeOrders).toBeUndefined();
    expect(definitionFaults(definition)).toEqual([]);
    expect(warningsOf(definition)).toEqual([]);
  });

  it('has all that was answered, with amounts in whole fen', async () => {
    const { definition } = await answered({
      id: ['sale'],
      name: ['双十一'],
      from: ['2026-11-10T16:00:00Z'],
      to: ['2026-11-12T16:00:00Z'],
      offers: ['99.9-9.90, 300-40'],
      budget: ['1234.05'],
      presale: ['.25'],
      'per-member': ['3'],
      arms: ['60/0/40'],
      'free-orders': ['1/200'],
      cap: ['88.88'],
      quota: ['7'],
    });
    expect(definition).toMatchObject({
      display: { name: '双十一' },
      coupons: {
        budgets: [{ totalFen: 123_405, presaleShare: 0.25 }],
        offers: [
          { offerId: '99.9-9.9', thresholdFen: 9_990, discountFen: 990 },
          { offerId: '300-40', thresholdFen: 30_000, discountFen: 4_000 },
        ],
        perMemberLimit: 3,
        arms: { engine: 60, baseline: 0, control: 40 },
        shards: 1,
      },
      freeOrders: { mode: 'instant', odds: { win: 1, in: 200 }, capFen: 8_888, quota: 7, budgetFen: 62_216 },
    });
    expect(definition.coupons).not.toHaveProperty('baselineOffer');
    expect(definitionFaults(definition)).toEqual([]);
    expect(warningsOf(definition)).toEqual([]);
  });

  it('needs no further answers about coupons or free orders if it has none', async () => {
    const { definition, asked } = await answered({ id: ['sale'], offers: ['none'] });
    expect(asked).toHaveLength(6);
    expect(definition).not.toHaveProperty('coupons');
    expect(definitionFaults(definition)).toEqual([]);
  });

  it.each([
    ['id', ['', 'a b'], 'sale'],
    ['name', ['x'.repeat(81)], 'Sale'],
    ['from', ['soon'], '2026-11-10T16:00:00Z'],
    ['to', ['2026-11-10T13:00:00Z', 'later'], '2026-11-12T16:00:00Z'],
    ['offers', ['10-100', '100', '100-0', '100-10-1', '100-10,100-10'], '100-10'],
    ['budget', ['0', '9.99', '1e9', '90000000001'], '10'],
    ['presale', ['1.5', '-1', 'half'], '1'],
    ['per-member', ['0', '21', '1.5'], '20'],
    ['arms', ['70/20/20', '0/50/50', '70/30'], '50/25/25'],
    ['free-orders', ['2/1', '0/1', '1 %'], '1/1'],
    ['cap', ['50000.01'], '50000'],
    ['quota', ['1000001', '0'], '1'],
  ])('takes no wrong answer for %s, and the question is repeated', async (option, wrong, right) => {
    const { definition, asked } = await answered({
      id: ['sale'],
      'free-orders': ['1/100'],
      [option]: [...wrong, right],
    });
    expect(asked).toHaveLength(12 + wrong.length);
    expect(definitionFaults(definition)).toEqual([]);
  });
});

describe('zhihui campaign init without a terminal', () => {
  const init = (values: Values, ...operands: string[]): Promise<number> =>
    Promise.resolve(
      INIT.prepare({
        values: { json: true, ...values },
        read: reader({ json: true, ...values }),
        operands,
      })(),
    );

  it('writes what the options say, and replaces a file only with --force', async () => {
    const file = join(directory.path, 'new.json');
    await init({ id: 'first' }, file);
    const first = JSON.parse(readFileSync(file, 'utf8')) as CampaignDefinition;
    await expect(init({ id: 'second' }, file)).rejects.toThrow('--force replaces it');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(first);
    await init({ id: 'second', force: true }, file);
    const second = JSON.parse(readFileSync(file, 'utf8')) as CampaignDefinition;
    expect(second.campaignId).toBe('second');
    // With one salt, a member who was once in the control arm would be in it in every sale.
    expect(second.coupons!.salt).not.toBe(first.coupons!.salt);
  });

  it('names an option that is missing, is wrong or answers no question, and writes nothing', async () => {
    const file = join(directory.path, 'none.json');
    await expect(init({}, file)).rejects.toThrow('--id: expected a value, got nothing');
    await expect(init({ id: 'sale', budget: 'much' }, file)).rejects.toThrow('--budget: expected an amount');
    await expect(init({ id: 'sale', cap: '5' }, file)).rejects.toThrow(
      '--cap: expected only with --free-orders',
    );
    await expect(init({ id: 'sale', offers: 'none', arms: '70/20/10' }, file)).rejects.toThrow(
      '--arms: expected only with --offers',
    );
    expect(() => readFileSync(file)).toThrow('ENOENT');
    await expect(init({ id: 'sale' }, join(directory.path, 'no/where.json'))).rejects.toThrow('no such file');
  });
});
