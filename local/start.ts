import { start } from './start-command.ts';

process.exitCode = await start(process.argv.slice(2));
