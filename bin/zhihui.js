#!/usr/bin/env node
// The command runs TypeScript as it is, which Node does from 22.18 on; an older one starts the project's own.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 18];

const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
};

const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const main = new URL('../local/cli/main.ts', import.meta.url);

if (isNewEnough()) {
  await import(main.href);
} else if (existsSync(own)) {
  const child = spawn(own, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('close', (status, signal) => {
    process.exitCode = status ?? (signal === null ? 1 : 128);
  });
} else {
  process.stderr.write(
    `error: expected Node ${NEEDED.join('.')} or later, got ${process.versions.node}; run npm ci, which brings its own\n`,
  );
  process.exitCode = 1;
}
