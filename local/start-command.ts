import { demo } from './demo/main.ts';
import { main } from './replay/main.ts';

/** If one of these options is given, `npm start` runs `replay/main.ts`. Otherwise it simulates a sale. */
const INPUTS = /^--(?:events|orders|columns|mapping|campaign|data)(?:=|$)/;

/** Whether the arguments of `npm start` ask for a replay and not for the simulated sale. */
export const asksReplay = (args: readonly string[]): boolean => args.some((arg) => INPUTS.test(arg));

/** Runs `npm start` with these arguments and gives its exit status. */
export const start = (args: readonly string[]): Promise<number> =>
  asksReplay(args) ? main(args) : demo(args);
