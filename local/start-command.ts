import { demo } from './demo/main.ts';
import { main } from './replay/main.ts';

/** Options that say that there is something to replay. Without any of them, a sale is simulated. */
const INPUTS = /^--(?:events|orders|columns|mapping|campaign|data)(?:=|$)/;

/** Whether the arguments of `npm start` ask for a replay and not for the simulated sale. */
export const asksReplay = (args: readonly string[]): boolean => args.some((arg) => INPUTS.test(arg));

/** Runs `npm start` with these arguments and gives its exit status. */
export const start = (args: readonly string[]): Promise<number> =>
  asksReplay(args) ? main(args) : demo(args);
