process.env.POWERTOOLS_METRICS_DISABLED = 'true';

import { readFileSync } from 'node:fs';
import { FAULTS, type Fault } from './faults.ts';
import { synthesizeStack } from './stack.ts';
import { World } from './world.ts';

const stack = synthesizeStack();
const t0 = performance.now();
let steps = 0;
const world = new World({
  stack,
  seed: Number(process.argv[2] ?? 1),
  faults: new Set<Fault>(process.argv[3] === 'calm' ? [] : FAULTS),
  startMs: Date.parse('2026-11-10T17:10:00.000Z'),
  onStep: () => {
    steps++;
  },
});
for (const line of readFileSync(new URL('../../events/sale.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n'))
  world.send('events', line);
await world.runUntil(world.scheduler.nowMs + 600_000);
await world.calm();
world.end();
console.log(steps, 'steps', performance.now() - t0, 'ms', JSON.stringify(world.faults.struck));
for (const q of stack.queues) console.log(q.shortName, world.depth(q.name));
for (const [t, u] of world.tables.consumed) console.log(t, u);
const reasons: Record<string, number> = {};
for (const { body } of world.queues.contents(stack.queues.find((q) => q.shortName === 'rejects')!.name)) {
  const r = JSON.parse(body);
  const k = `${r.reason} ${r.field ?? ''} ${String(r.expected ?? '').slice(0, 60)}`;
  reasons[k] = (reasons[k] ?? 0) + 1;
}
console.log(reasons);
