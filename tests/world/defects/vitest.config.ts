import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { planted } from './defect.ts';
import { defectNamed } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const found = defectNamed(process.env.PLANTED_DEFECT ?? '');
const damaged = resolve(ROOT, found.file);

/** Runs a test file of the project while a defect is planted in one of the project's modules. */
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'planted-defect',
      enforce: 'pre',
      transform: (code, id) => (id.split('?')[0] === damaged ? planted(found, code) : undefined),
    },
  ],
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    bail: 1,
    fsModuleCache: false,
  },
});
