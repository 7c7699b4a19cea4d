import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/run-start.ts';

/** A page in Markdown, with its path in the repository. */
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

/** A page's text outside of its fenced blocks. */
const proseOf = ({ text }: Page): string => text.replaceAll(/```[\s\S]*?```/g, '');

const withoutComment = (line: string): string => line.replace(/(?<=\s)#.*$/, '').trim();

/** The commands of a page's shell blocks, those over several lines joined, without comments. */
const blockCommands = ({ text }: Page): string[] =>
  [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
    block!
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map(withoutComment)
      .filter((line) => line !== ''),
  );

const joined = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** The commands that a page names in its sentences and tables. */
const inlineCommands = (page: Page): string[] =>
  [...proseOf(page).matchAll(/`((?:npm|npx|zhihui)\s[^`]+)`/g)].map(([, command]) => joined(command!));

/** The commands of a page's indented blocks, each with the more deeply indented lines that continue it. */
const indentedCommands = (page: Page): string[] =>
  [...proseOf(page).matchAll(/^( {4,})((?:npm|npx|zhihui|aws) .*(?:\n\1 +\S.*)*)/gm)].map(([, , command]) =>
    withoutComment(joined(command!)),
  );

/** Every command of a page, each once. */
export const commandsOf = (page: Page): string[] => [
  ...new Set([...blockCommands(page), ...indentedCommands(page), ...inlineCommands(page)]),
];
