import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/run-start.ts';

/** A page in Markdown, by its path in the repository. */
export type Page = { path: string; text: string };

/** Every page that a reader of the repository may open. */
export const PAGES: readonly Page[] = globSync(['*.md', 'docs/**/*.md'], { cwd: REPOSITORY })
  .sort()
  .map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), 'utf8') }));

export const pageOf = (path: string): Page => {
  const page = PAGES.find((each) => each.path === path);
  if (page === undefined) throw new Error(`pages: expected ${path}, got ${PAGES.map((each) => each.path)}`);
  return page;
};

/** The commands of a page's shell blocks, those over several lines joined, without comments. */
export const blockCommands = ({ text }: Page): string[] =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/(?<=\s)#.*$/, '').trim())
      .filter((line) => line !== ''),
  );

/** The commands that a page names in its sentences and tables. */
const inlineCommands = ({ text }: Page): string[] =>
  [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`((?:npm|npx|zhihui) [^`]+)`/g)].map(([, command]) =>
    command!.replaceAll(/\s+/g, ' '),
  );

/** Every command of a page, each once. */
export const commandsOf = (page: Page): string[] => [
  ...new Set([...blockCommands(page), ...inlineCommands(page)]),
];
