/**
 * The CPU time of each function that an order passes, its own and the SDK's, without sockets: what an order costs in a full
 * batch, and what each invocation costs besides. Run: `npm run node -- tests/bench/hot-path.ts [--paths A,B] [--rounds N]`.
 * `--paths decided,won` measures only these kinds of orders. `--rounds N` measures each kind N times, 3 by default. The smallest
 * figure counts, because other processes on the machine can only add to it.
 */
import { parseArgs } from 'node:util';
import { PATHS, type Path } from '#domain/capacity/unit-costs.ts';
import { measurePath } from '../capacity/measure.ts';
import { synthesizeStack } from '../world/stack.ts';

const US_PER_MS = 1_000;
const {
  values: { paths, rounds },
} = parseArgs({
  options: { paths: { type: 'string' }, rounds: { type: 'string', default: '3' } },
});
const chosen = PATHS.filter((path) => paths === undefined || paths.split(',').includes(path));
const stack = synthesizeStack();

const least = async (path: Path): Promise<[name: string, orderMs: number, invocationMs: number][]> => {
  const figures = new Map<string, [orderMs: number, invocationMs: number]>();
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, { each, invocation }] of Object.entries(await measurePath(stack, path))) {
      const [orderMs, invocationMs] = figures.get(name) ?? [
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
      ];
      figures.set(name, [Math.min(orderMs, each.cpuMs), Math.min(invocationMs, invocation.cpuMs)]);
    }
  return [...figures].map(([name, [orderMs, invocationMs]]) => [name, orderMs, invocationMs]);
};

const rows: object[] = [];
for (const path of chosen)
  for (const [name, orderMs, invocationMs] of await least(path))
    rows.push({
      'kind of order': path,
      function: name,
      'µs an order': Number((orderMs * US_PER_MS).toFixed(1)),
      'ms an invocation': Number(invocationMs.toFixed(2)),
    });
console.table(rows);
