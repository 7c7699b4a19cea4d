/** `npm run evaluate -- --train TRIAL.csv …`: what a policy learned from a randomized trial would have gained. */
import { main } from './evaluate/main.ts';

process.exitCode = await main(process.argv.slice(2));
