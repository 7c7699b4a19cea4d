import { describe, expect, it } from 'vitest';
import template from '#lib/template.json' with { type: 'json' };
import { RETENTION_DAYS } from '#platform/expiry.ts';
import { pageOf } from '../docs/pages.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };

const resources = Object.entries(template.Resources as unknown as Record<string, Resource>);
const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type);

const DAY_SECONDS = 86_400;
const DEFAULT_RETENTION_SECONDS = 4 * DAY_SECONDS;

/** What the page says of each place: its name, and how long data is kept there. */
const said = pageOf('docs/retention.md')
  .text.split('\n')
  .filter((line) => /^\| (?!where|---)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, where, , kept]) => ({ where: where!, kept: kept! }));
const keptOf = (where: string): string[] =>
  said.filter((row) => row.where.startsWith(where)).map(({ kept }) => kept);

const nameOf = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

describe('the page about retention', () => {
  it('names every table, and says of each whether its items expire', () => {
    const tables = ofType('AWS::DynamoDB::Table');
    expect(tables.length).toBe(5);
    for (const [logicalId, { Properties: properties }] of tables) {
      const rows = keptOf(`\`${nameOf(logicalId)}\``);
      const expires = rows.some((kept) => kept !== 'until it is deleted');
      expect(rows.length, logicalId).toBeGreaterThan(0);
      expect(expires, logicalId).toBe(properties.TimeToLiveSpecification !== undefined);
      expect(properties.PointInTimeRecoverySpecification, logicalId).toEqual({
        PointInTimeRecoveryEnabled: true,
      });
    }
  });

  it('says how long the data of a campaign is kept after its end', () => {
    const days = `${RETENTION_DAYS.toLocaleString('en')} days after`;
    for (const table of ['CampaignsTable', 'GrantsTable', 'DrawsTable', 'MetricsTable'])
      expect(keptOf(`\`${table}\``).filter((kept) => kept.startsWith(days))).toHaveLength(1);
  });

  it('says how long queues keep their messages', () => {
    for (const [logicalId, { Properties: properties }] of ofType('AWS::SQS::Queue')) {
      const days = Number(properties.MessageRetentionPeriod ?? DEFAULT_RETENTION_SECONDS) / DAY_SECONDS;
      const isKept = /Dead|^Rejects|^Grants/.test(logicalId);
      expect(keptOf(isKept ? 'dead-letter queues' : 'work queues'), logicalId).toEqual([`${days} days`]);
    }
  });

  it('says when the objects in the bucket expire', () => {
    const [bucket] = ofType('AWS::S3::Bucket');
    const { Rules: rules } = bucket![1].Properties.LifecycleConfiguration as {
      Rules: { Prefix?: string; ExpirationInDays?: number }[];
    };
    const expiring = rules.filter(({ ExpirationInDays: days }) => days !== undefined);
    expect(expiring.map(({ Prefix: prefix, ExpirationInDays: days }) => [prefix, days])).toEqual([
      ['work/', 7],
    ]);
    expect(keptOf('`PublicationsBucket`, `work/`')).toEqual(['7 days, and a day as an old version']);
    expect(keptOf('`PublicationsBucket`, `draws/`')).toEqual(['until it is deleted']);
  });

  it('says how long logs are kept', () => {
    for (const [logicalId, { Properties: properties }] of ofType('AWS::Logs::LogGroup'))
      expect(keptOf('logs'), logicalId).toEqual([`${properties.RetentionInDays} days`]);
  });
});
