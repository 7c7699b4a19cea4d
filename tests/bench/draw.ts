/**
 * What a draw costs: `npm run node -- tests/bench/draw.ts [entries]` (default 1,000,000). It measures tickets,
 * instant draws, a slot draw and the verification of beacon rounds on one core. Then, for instant draws and for
 * slot draws, it writes an export of as many entries to a file, and measures the time and the peak memory with
 * which `local/verify.ts` verifies it. Rates are per second of processor time, so that other work on the machine
 * does not count.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultOfRound } from '#domain/free-orders/draw/beacon.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { drawInstant, drawSlot } from '#domain/free-orders/draw/draw.ts';
import { allPrizes, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { TicketDrawer } from '#domain/free-orders/draw/ticket.ts';
import type { DrawEntry } from '#domain/free-orders/rules/entry.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import {
  closedOf,
  entriesUpTo,
  exportInstant,
  exportSlots,
  instantRules,
  rulesWith,
  SEED,
  slotRules,
} from '../free-orders/factory.ts';
import { usageOf } from './usage-of.ts';

const DEFAULT_ENTRIES = 1_000_000;
const SECOND_US = 1_000_000;
const MIB = 1_024 * 1_024;
const BEACON_CHECKS = 20;

const entries = Number(process.argv[2] ?? DEFAULT_ENTRIES);
const rows: Record<string, string | number>[] = [];

/** Adds a row. `cpuUs` is in microseconds, as Node gives processor time. */
const add = (what: string, count: number, cpuUs: number, more: Record<string, number> = {}): void => {
  const rate = Math.round((count * SECOND_US) / cpuUs).toLocaleString('en');
  rows.push({ what, count, 'a CPU second': rate, 'CPU seconds': (cpuUs / SECOND_US).toFixed(2), ...more });
};

const measure = (what: string, count: number, work: () => void): void => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  add(what, count, user + system);
};

const orders: DrawEntry[] = entriesUpTo(entries);
const tickets = new TicketDrawer(SEED);
// The first calls run uncompiled, but only a warm function is to be measured.
for (const order of orders.slice(0, 20_000)) tickets.draw(order);

measure('tickets', entries, () => {
  for (const order of orders) tickets.draw(order);
});

const instant = rulesWith(instantRules({ odds: { win: 1, in: 100 } }));
measure('instant draws', entries, () => {
  for (const order of orders) drawInstant(order, instant, tickets);
});

const oneSlot = rulesWith(slotRules({ slotSeconds: 3_600, prizes: 1_000, perMember: 1 }));
let closed: DrawEntry[] = [];
measure('closing one slot', entries, () => {
  closed = closedOf(orders, []);
});
measure('drawing one slot, 1,000 prizes', entries, () => {
  drawSlot(closed, oneSlot, tickets, { ledger: new WinLedger(), remaining: allPrizes(oneSlot) });
});

measure('beacon rounds verified', BEACON_CHECKS, () => {
  for (let i = 0; i < BEACON_CHECKS; i++)
    faultOfRound(CHAINS.quicknet, RECORDED_ROUNDS[i % RECORDED_ROUNDS.length]!);
});

const write = async (path: string, lines: readonly string[]): Promise<void> => {
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
};

const verifyFile = async (what: string, path: string): Promise<void> => {
  const { peakMib, cpuSeconds } = await usageOf(process.env, 'local/verify.ts', '--draw', path);
  add(what, entries, cpuSeconds * SECOND_US, {
    'file MiB': Math.round((await stat(path)).size / MIB),
    'peak MiB': Math.round(peakMib),
  });
};

const folder = await mkdtemp(join(tmpdir(), 'draw-'));
try {
  const path = join(folder, 'draw.ndjson');
  await write(path, exportInstant(instant.definition, orders).lines);
  await verifyFile('verify, instant 1 in 100', path);
  await write(path, exportSlots(slotRules({ slotSeconds: 600, prizes: 100, perMember: 1 }), orders).lines);
  await verifyFile('verify, 6 slots of 100 prizes', path);
} finally {
  await rm(folder, { recursive: true });
}
console.table(rows);
