/**
 * Peak resident memory of the process that runs `local/start.ts` (from /proc, so only on Linux) when it replays order tables of
 * several lengths: it must not grow with the number of orders. Run: `npm run node -- tests/bench/replay-memory.ts [ORDERS …]`.
 */
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startScript } from '../support/run-start.ts';

const DEFAULT_ORDERS = [25_000, 100_000, 400_000];
const MEMBERS = 50_000;
const BRANDS = 300;
const START_MS = Date.UTC(2025, 10, 10, 16);
const SPAN_MS = 86_400_000;
const SAMPLE_MS = 100;

const rows = function* (count: number): Generator<string> {
  yield 'order,member,brand,amount,time\n';
  for (let i = 0; i < count; i++) {
    const time = new Date(START_MS + Math.floor((SPAN_MS * i) / count)).toISOString();
    yield `order-${i},member-${(i * 7_919) % MEMBERS},brand-${i % BRANDS},${1 + (i % 999)}.${10 + (i % 90)},${time}\n`;
  }
};

/** The peak memory of a process in MiB; undefined if the process has ended and Node has not noticed it yet. */
const peakMib = (pid: number): number | undefined => {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
};

const measure = async (file: string, options: readonly string[]) => {
  const columns = 'order=order,member=member,brand=brand,amount=amount,time=time';
  const startMs = performance.now();
  const { child, outcome } = startScript('local/start.ts', [
    ...['--orders', file, '--columns', columns, '--once'],
    ...options,
  ]);
  let peak = 0;
  const timer = setInterval(() => {
    if (child.exitCode === null && child.pid !== undefined) peak = peakMib(child.pid) ?? peak;
  }, SAMPLE_MS);
  const { status, stderr } = await outcome;
  clearInterval(timer);
  if (status !== 0) throw new Error(`replay ended with ${status}: ${stderr}`);
  return { peak, seconds: (performance.now() - startMs) / 1_000 };
};

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_ORDERS;
const directory = await mkdtemp(join(tmpdir(), 'zhihui-bench-'));
try {
  console.log('   orders   order        peak MiB   seconds');
  for (const count of counts) {
    const file = join(directory, 'orders.csv');
    await pipeline(Readable.from(rows(count)), createWriteStream(file));
    for (const options of [[], ['--shuffle', '--duplicate', '0.3']]) {
      const { peak, seconds } = await measure(file, options);
      const order = options.length === 0 ? 'as it is' : 'shuffled';
      console.log(
        `${String(count).padStart(9)}   ${order.padEnd(10)}${peak.toFixed(0).padStart(11)}${seconds.toFixed(1).padStart(10)}`,
      );
    }
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
