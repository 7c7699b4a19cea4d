/**
 * Measures the unit costs that `npm run capacity` uses, and writes them to `domain/capacity/unit-costs.json`: `npm run
 * capacity:measure`. Takes about a minute.
 */
import { writeFileSync } from 'node:fs';
import { PATHS } from '#domain/capacity/unit-costs.ts';
import { measureUnitCosts, REFRESH_BRANDS } from '../capacity/measure.ts';
import { synthesizeStack } from '../world/stack.ts';

const DIGITS = 4;
const OUTPUT = new URL('../../domain/capacity/unit-costs.json', import.meta.url);

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;

const costs = await measureUnitCosts(synthesizeStack(), {
  measuredOn: new Date().toISOString().slice(0, 10),
  paths: PATHS,
  brands: REFRESH_BRANDS,
  onStep: (what) => console.error(`measuring: ${what}`),
});
writeFileSync(OUTPUT, `${JSON.stringify(costs, rounded, 2)}\n`);
console.log(JSON.stringify(costs, rounded));
