import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runScript } from '../support/run-start.ts';

const PAGES = ['operations.md', 'runbook.md'].map((name) => ({
  name,
  text: readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'),
}));

/** The verbs and actions that a page names, such as `campaign pause`, each once. */
const commandsOf = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/(?<![\w/-])zhihui ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(?=[ `\n])/g)].map(
      ([, verb, action]) => (action === undefined ? verb! : `${verb} ${action}`),
    ),
  ),
];

describe('the pages for operators', () => {
  it('are read: they name commands', () => {
    for (const { name, text } of PAGES) expect(commandsOf(text).length, name).toBeGreaterThan(5);
  });

  it.each([...new Set(PAGES.flatMap(({ text }) => commandsOf(text)))].sort())(
    'name only what there is: zhihui %s',
    async (command) => {
      const [verb] = command.split(' ');
      const { status, stdout } = await runScript('bin/zhihui.js', [verb!, '--help']);
      expect(status).toBe(0);
      // The help of these is about the npm scripts of the same name.
      if (!['start', 'verify'].includes(verb!)) expect(stdout).toContain(`zhihui ${command}`);
    },
  );
});
