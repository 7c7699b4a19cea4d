/** `npm run offpolicy -- --log DECISIONS.ndjson …`: what another policy would have been worth. */
import { main } from './offpolicy/main.ts';

process.exitCode = await main(process.argv.slice(2));
