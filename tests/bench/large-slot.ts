/**
 * What closing and drawing a slot takes, by its number of entries: slices, seconds, CPU and peak memory
 * (resident). The memory does not grow with the entries. Each slot is drawn in a process of its own, in
 * slices of 240 s, the time that one call of the function works, or of the given length.
 * Run: `npm run node -- tests/bench/large-slot.ts [--slice SECONDS] [ENTRIES …]`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { draw } from '../../lib/functions/draw.ts';
import { startDraws } from './draws/world.ts';

const DEFAULT_ENTRIES = ['1000000', '4000000'];
const LARGE = 10_000_000;

const { values, positionals } = parseArgs({
  options: { slice: { type: 'string', default: '240' } },
  allowPositionals: true,
});

type Row = {
  entries: number;
  slices: number;
  seconds: number;
  'longest slice, s': number;
  'object calls': number;
  'stored MiB': number;
  'CPU s': number;
  'peak MiB': number;
};

const world = await startDraws();
const folder = await mkdtemp(join(tmpdir(), 'slot-'));
const rows: Row[] = [];
try {
  for (const wanted of positionals.length > 0 ? positionals : DEFAULT_ENTRIES) {
    const entries = Number(wanted);
    const campaignId = `slot-${entries}`;
    await world.fill(campaignId, 'slot', entries);
    const { output, cpuSeconds, peakMib } = await world.usageOf(
      'tests/bench/draws/draw-one.ts',
      campaignId,
      join(folder, campaignId),
      values.slice,
    );
    const measured = JSON.parse(output) as Omit<Row, 'entries' | 'CPU s' | 'peak MiB'>;
    const row = { entries, ...measured, 'CPU s': Math.round(cpuSeconds), 'peak MiB': Math.round(peakMib) };
    rows.push(row);
    console.table([row]);
  }
  console.table(rows);
  const [first, last] = [rows[0]!, rows.at(-1)!];
  const each = (last['CPU s'] - first['CPU s']) / (last.entries - first.entries);
  if (rows.length > 1 && last.entries < LARGE)
    console.log(
      `${LARGE} entries, by the line through the first and the last row: ${Math.round(last['CPU s'] + each * (LARGE - last.entries))} s of a CPU`,
    );
  console.log(
    `The function has ${draw.tuning.memoryMib} MiB and ${draw.tuning.timeoutSeconds} s for a slice.`,
  );
} finally {
  await rm(folder, { recursive: true });
  await world.stop();
}
