import { main } from './replay/main.ts';

process.exitCode = await main(process.argv.slice(2));
