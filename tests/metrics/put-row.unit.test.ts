import { describe, expect, it } from 'vitest';
import { totalKey } from '#domain/metrics/levels.ts';
import { emptyRow } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { putRow, readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';
import { settings } from './factories.ts';

const CAMPAIGN = settings();
const KEY = totalKey(CAMPAIGN);

const rowOf = (version: string, blocks: number) => ({
  blocks,
  version,
  madeOf: { kind: 'children' as const, counts: [blocks] },
  parts: packRowParts(emptyRow()),
});

describe('the write of a row', () => {
  const tables = () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const put = (version: string, blocks: number, before?: StoredRow) =>
      putRow(runtime, CAMPAIGN, KEY, { row: rowOf(version, blocks), before });
    const stored = async () => (await readRows(runtime, CAMPAIGN, [KEY]))[0];
    return { put, stored };
  };

  it('is refused if another worker has meanwhile written the first row under its key', async () => {
    const { put, stored } = tables();
    expect(await put('two', 2)).toBe(true);
    expect(await put('one', 1)).toBe(false);
    expect(await stored()).toMatchObject({ version: 'two', blocks: 2 });
  });

  it('is refused if another worker has replaced the row that the new one was made from', async () => {
    const { put, stored } = tables();
    await put('one', 1);
    const before = await stored();
    expect(await put('three', 3, before)).toBe(true);
    expect(await put('two', 2, before)).toBe(false);
    expect(await stored()).toMatchObject({ version: 'three', blocks: 3 });
  });
});
