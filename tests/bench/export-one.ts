/**
 * Exports one draw, as a local run does: `npm run node -- tests/bench/export-one.ts CAMPAIGN FILE`, with the tables in the
 * environment.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { exportDraw } from '#domain/free-orders/audit/export-draw.ts';
import { lambdaOutside } from '#lambdas/outside.ts';
import { makeRuntime } from '#platform/runtime.ts';

const [campaignId, path] = process.argv.slice(2);
if (campaignId === undefined || path === undefined) throw new Error('expected a campaign and a file');
const file = openSync(path, 'w');
await exportDraw(makeRuntime(lambdaOutside()), campaignId, (line) => writeSync(file, line));
closeSync(file);
