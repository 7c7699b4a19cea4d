import { expect, it } from 'vitest';
import { hasDynoxide } from '#local/aws/dynamodb.ts';
import { runScript } from '../support/run-start.ts';

it.skipIf(!hasDynoxide())(
  'a short sale keeps every invariant while its processes are killed and its calls fail (skipped without Dynoxide)',
  async () => {
    const { status, stdout, stderr } = await runScript('tests/chaos/main.ts', ['--short']);
    expect(stdout, stderr).toMatch(/\nno violation\n$/);
    expect(stdout).toMatch(/emulators restarted with --data +1\n/);
    expect(status).toBe(0);
  },
);
