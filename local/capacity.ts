import { capacityMain } from './capacity/main.ts';

process.exitCode = await capacityMain(process.argv.slice(2));
