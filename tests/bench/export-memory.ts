/**
 * What it costs to export a draw and to verify the export, by the draw's number of entries and in both modes: reads of the table,
 * calls to the object store, bytes, CPU seconds and peak resident memory. All but the memory grow with the entries. Orders and
 * members have random ids, and a draw in slots has one slot. Run:
 * `npm run node -- tests/bench/export-memory.ts [instant:ENTRIES | slot:ENTRIES …]`.
 */

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { emptyBucket } from '../support/objects.ts';
import { HOUR_MS, startDraws } from './draws/world.ts';

const DEFAULT_DRAWS = ['instant:100000', 'instant:2000000', 'slot:100000', 'slot:1000000'];
const MIB = 1_024 * 1_024;

const world = await startDraws();

/** What `export-one.ts` prints about an export. */
type Operations = Record<'pages' | 'blocks' | 'tableMib' | 'objectCalls' | 'objectMib', number>;

const draws = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT_DRAWS;
const folder = await mkdtemp(join(tmpdir(), 'export-'));
type Row = Record<string, string | number>;
const rows: Row[] = [];
/** The costs of a mode's last draw as multiples of those of its first. */
const ratiosOf = (mode: string): Row => {
  const ofMode = rows.filter((row) => row.mode === mode);
  const [first, last] = [ofMode[0]!, ofMode.at(-1)!];
  const ratios = Object.keys(first).map((key) => [key, (Number(last[key]) / Number(first[key])).toFixed(1)]);
  return { ...Object.fromEntries(ratios), mode: `${mode}, ratio` };
};
try {
  for (const [number, wanted] of draws.entries()) {
    const [mode = '', count] = wanted.split(':');
    const entries = Number(count);
    const campaignId = `draw-${number}`;
    await world.fill(campaignId, mode, entries);
    await advanceDraw(world.runtime, campaignId, {
      nowMs: Date.now() + HOUR_MS,
      deadlineMs: Number.POSITIVE_INFINITY,
      relays: ['https://relay.test'],
      objects: emptyBucket(),
    });
    const path = join(folder, 'draw.ndjson');
    const exported = await world.usageOf('tests/bench/export-one.ts', campaignId, path);
    const verified = await world.usageOf('local/verify.ts', '--draw', path);
    rows.push({
      mode,
      entries,
      ...(JSON.parse(exported.output) as Operations),
      'file MiB': ((await stat(path)).size / MIB).toFixed(1),
      'export, CPU s': exported.cpuSeconds.toFixed(1),
      'export, peak MiB': Math.round(exported.peakMib),
      'verify, CPU s': verified.cpuSeconds.toFixed(1),
      'verify, peak MiB': Math.round(verified.peakMib),
    });
  }
  console.table([...rows, ...[...new Set(rows.map(({ mode }) => String(mode)))].map(ratiosOf)]);
} finally {
  await rm(folder, { recursive: true });
  await world.stop();
}
