import { demo } from './demo/main.ts';
import { main } from './replay/main.ts';

/** What says that there is something to replay; without any of it, a sale is simulated. */
const INPUTS = /^--(?:events|orders)(?:=|$)/;

const args = process.argv.slice(2);
process.exitCode = await (args.some((arg) => INPUTS.test(arg)) ? main(args) : demo(args));
