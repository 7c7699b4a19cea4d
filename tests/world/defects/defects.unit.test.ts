import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERASED_IDS } from '../erased-ids.ts';
import { LOGGED_IDS } from '../logged-ids.ts';
import { INVARIANTS } from '../oracle/invariants/index.ts';
import { SCRIPTED } from '../workload/scripted/index.ts';
import { planted } from './defect.ts';
import { DEFECTS } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NAMES = new Set([...INVARIANTS.map(({ name }) => name), ERASED_IDS, LOGGED_IDS]);

describe('planted defects', () => {
  it('are forty or more, each with a name of its own', () => {
    expect(new Set(DEFECTS.map(({ name }) => name)).size).toBe(DEFECTS.length);
    expect(DEFECTS.length).toBeGreaterThanOrEqual(40);
  });

  it.each(DEFECTS)('$name can be planted, and what should catch it exists', (defect) => {
    const source = readFileSync(resolve(ROOT, defect.file), 'utf8');
    expect(planted(defect, source)).not.toBe(source);
    const { caughtBy } = defect;
    if (caughtBy.kind === 'test') expect(existsSync(resolve(ROOT, caughtBy.file))).toBe(true);
    else for (const name of caughtBy.invariants) expect(NAMES).toContain(name);
    if (caughtBy.kind === 'workload') expect(Object.keys(SCRIPTED)).toContain(caughtBy.workload);
  });
});
