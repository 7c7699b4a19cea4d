/**
 * Whether the engine learns behaviour that it was not made for:
 *
 *     npm run node -- tests/bench/closed-loop-worlds.ts [worlds] [members] [first seed] [--jobs N] [--functions]
 *
 * By default there are 20 worlds of 5,600 members, a tenth of the demo's. Each seed makes a world whose members think in their
 * own way (`simulator/worlds.ts`), and a sale of seven days in it. The handlers of all functions run on the tables and queues in
 * memory, wired as the template wires them, in virtual time (`tests/world`): a shop sends its orders, the coupons on the outbox
 * reach the members, and their later orders name them (`closed-loop/handlers-week.ts`). Members begin with the profiles that a
 * year of orders leaves. `--jobs` (2) processes play at a time. With `--functions`, only the functions that decide, pace, add up
 * and solve run, without queues and tables: a quick look at a change of what is learned.
 *
 * The simulator knows its members, so it knows how many coupons of a policy are expected to be used (`closed-loop/judge.ts`). All
 * figures except those of spent money divide the expected uses of one policy by those of another, on the same orders of a day and
 * for the same money. Members for whom the challenger decides (the prior, for comparison) are left out. For each day, the mean
 * over the worlds and the lowest value of any world are printed:
 *
 * - `learned / prior`: the engine that learns, by the one that keeps its prior.
 * - `learned / best`: the engine that learns, by the best policy that the features allow. Its weights are solved from as many
 *   members of the same world, who were given a coupon at random after every order.
 * - `prior / best`: the prior by that best policy. The figure shows how much there is to learn.
 * - `opposite, learned / prior`: an engine that learns, but whose prior says the opposite, by the one that keeps the right prior.
 *   Its process gives the pipeline another prior (`closed-loop/plant-opposite-prior.ts`).
 * - `opposite, learned / best`: the same engine by the best policy.
 * - `opposite / best`: the engine that keeps the opposite prior, by the best policy.
 * - `learned: spent`, `opposite, learned: spent`: the part of the money spent in the week that the engine spent on that day.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { UseModel } from '#domain/learning/use-model.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { WEEK_DAYS } from '#simulator/week.ts';
import { synthesize } from '../world/stack.ts';
import type { Task } from './closed-loop/play-world.ts';
import {
  bestWeights,
  byFunctions,
  type EngineFigures,
  type Figures,
  type Place,
} from './closed-loop/world-figures.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: 'string', default: '2' }, functions: { type: 'boolean', default: false } },
});
const [worlds = 20, members = 5_600, firstSeed = 12_001] = positionals.map(Number);

/** Plays a world in a process of its own, because the prior of a process is either the right one or the opposite. */
const inProcess = async (task: Task): Promise<EngineFigures> => {
  const file = (name: string): string => join(import.meta.dirname, 'closed-loop', name);
  const preload = task.isOpposite ? ['--import', file('plant-opposite-prior.ts')] : [];
  const child = spawn(process.execPath, ['--max-semi-space-size=64', ...preload, file('play-world.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(task));
  return JSON.parse(await text(child.stdout)) as EngineFigures;
};

type Play = (place: Place, weights: UseModel, isOpposite: boolean) => EngineFigures | Promise<EngineFigures>;

const byHandlers = (): Play => {
  const deployed = synthesize();
  return (place, weights, isOpposite) => inProcess({ deployed, place, weights, isOpposite });
};

const play: Play = values.functions ? byFunctions : byHandlers();
const seeds = Array.from({ length: worlds }, (_, i) => firstSeed + i);
const results = await mapLimited(seeds, Number(values.jobs), async (seed): Promise<Figures> => {
  const startMs = performance.now();
  const place = { seed, members };
  const weights = bestWeights(place);
  const figures: Figures = {};
  const texts: string[] = [];
  for (const isOpposite of [false, true]) {
    const played = await play(place, weights, isOpposite);
    Object.assign(figures, played.figures);
    texts.push(played.text);
  }
  const rounded = JSON.stringify(figures, (_, value) =>
    typeof value === 'number' ? Number(value.toFixed(2)) : value,
  );
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  console.error(`world ${seed}, ${seconds} s: ${texts.join('; ')}: ${rounded}`);
  return figures;
});
const days = Array.from({ length: WEEK_DAYS }, (_, day) => day);
const tableOf = (figure: (values: number[]) => number) =>
  Object.fromEntries(
    Object.keys(results[0]!).map((name) => [
      name,
      Object.fromEntries(
        days.map((day) => [
          `day ${day + 1}`,
          figure(results.flatMap((world) => world[name]![day] ?? [])).toFixed(3),
        ]),
      ),
    ]),
  );
console.log('means over the worlds');
console.table(tableOf((figures) => figures.reduce((sum, value) => sum + value, 0) / figures.length));
console.log('the worst world');
console.table(tableOf((figures) => Math.min(...figures)));
