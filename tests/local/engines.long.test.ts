import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type Engine, hasDynoxide } from '#local/aws/dynamodb.ts';
import type { CampaignReport, Report } from '#local/replay/report.ts';
import { runScript } from '../support/run-start.ts';
import { temporaryDirectory } from './replay/files.ts';

const SALE = 'events/sale.ndjson';
const NAMES: Readonly<Record<Engine, string>> = { dynoxide: 'Dynoxide', memory: 'memory' };

const directory = temporaryDirectory();
afterAll(() => {
  vi.unstubAllEnvs();
  directory.remove();
});

/** The number of decisions on coupons, and of those on free orders. */
const decisionsByKind = ({ decisions }: CampaignReport): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [label, { count }] of Object.entries(decisions)) {
    const kind = label.startsWith('free-') ? 'free order' : 'coupon';
    counts[kind] = (counts[kind] ?? 0) + count;
  }
  return counts;
};

/**
 * The figures of a run that must be the same with every engine. Left out are the run's duration and consumption, and who wins a
 * free order or gets the last money of a budget: in each run, a new secret and the order of arrival decide that.
 */
const figuresOf = ({ campaigns, accepted, rejected, unreadable }: Report): object => ({
  campaigns: Object.entries(campaigns).map(([id, campaign]) => {
    const { decisions: _, decidedMembers: __, ...figures } = campaign;
    return { id, ...figures, decisions: decisionsByKind(campaign) };
  }),
  accepted,
  rejected,
  unreadable,
});

const figuresWith = async (engine: Engine): Promise<object> => {
  vi.stubEnv('LOCAL_DYNAMODB', engine);
  vi.stubEnv('DYNAMODB_ENDPOINT', undefined);
  const file = join(directory.path, `${engine}.json`);
  const { status, stderr } = await runScript('local/start.ts', [
    '--events',
    SALE,
    '--once',
    '--report',
    file,
  ]);
  expect(status, stderr).toBe(0);
  expect(stderr).toContain(`tables in ${NAMES[engine]};`);
  return figuresOf(JSON.parse(readFileSync(file, 'utf8')));
};

describe('the sample sale', () => {
  it.skipIf(!hasDynoxide())(
    'has the same figures without Dynoxide as with it (skipped if Dynoxide has no binary here)',
    async () => {
      const figures = await figuresWith('memory');
      expect(figures).toMatchObject({ accepted: 302, rejected: {}, unreadable: 0 });
      expect(figures).toEqual(await figuresWith('dynoxide'));
    },
  );
});
