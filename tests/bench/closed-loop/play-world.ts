/**
 * A process that plays a week of a simulated world through the handlers. It reads what to play from its standard input,
 * and prints the figures as a line of JSON.
 */
import { readFileSync } from 'node:fs';
import type { UseModel } from '#domain/learning/use-model.ts';
import { type Deployed, stackOf } from '../../world/deployed.ts';
import { byHandlers, type Place } from './world-figures.ts';

export type Task = { deployed: Deployed; place: Place; weights: UseModel; isOpposite: boolean };

const { deployed, place, weights, isOpposite } = JSON.parse(readFileSync(0, 'utf8')) as Task;
console.log(JSON.stringify(await byHandlers(stackOf(deployed), place, weights, isOpposite)));
