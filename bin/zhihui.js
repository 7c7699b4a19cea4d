#!/usr/bin/env node
// The command runs TypeScript directly. If this Node is too old for that, it starts the Node that the project has installed.
// What it compiles is kept beside the packages, which halves the time that it takes to start.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNewEnough, NEEDED, OWN_NODE } from './node-version.js';

const main = new URL('../local/cli/main.ts', import.meta.url);

const compiled = fileURLToPath(new URL('../node_modules/.cache/zhihui-compiled', import.meta.url));

if (isNewEnough()) {
  // Imported here, because an older Node has no such function.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(compiled);
  await import(main.href);
} else if (existsSync(OWN_NODE)) {
  const child = spawn(OWN_NODE, [fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('close', (status, signal) => {
    process.exitCode = status ?? (signal === null ? 1 : 128);
  });
} else {
  process.stderr.write(
    `error: expected Node ${NEEDED.join('.')} or later, got ${process.versions.node}; run npm run setup, which brings its own\n`,
  );
  process.exitCode = 1;
}
