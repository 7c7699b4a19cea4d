import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/run-start.ts';
import { commandsOf, PAGES, type Page, pageOf } from './pages.ts';

const README_LINES = 120;

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );

/** What each link of a page leads to, except links to other sites: a path in the repository, and an anchor if it has one. */
const targetsOf = ({ path, text }: Page) =>
  [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link]) => {
    const [file, anchor] = link!.split('#') as [string, string?];
    return { link, file: file === '' ? path : normalize(join(dirname(path), file)), anchor };
  });

describe('the pages', () => {
  it('are found', () => {
    expect(PAGES.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['README.md', 'docs/architecture.md', 'docs/decisions/README.md']),
    );
  });

  it.each(PAGES)('$path: its links lead to files and headings that exist', (page) => {
    for (const { link, file, anchor } of targetsOf(page)) {
      expect({ link, exists: existsSync(join(REPOSITORY, file)) }).toEqual({ link, exists: true });
      if (anchor !== undefined) expect(anchorsOf(pageOf(file).text), link).toContain(anchor);
    }
  });

  it.each(PAGES)('$path: the files and folders that it names exist', ({ text }) => {
    const named = text.matchAll(
      /`((?:bin|docs|domain|events|lambdas|lib|local|platform|producer|simulator|tests)\/[\w./-]*)`/g,
    );
    for (const [, path] of named)
      expect({ path, exists: existsSync(join(REPOSITORY, path!)) }).toEqual({ path, exists: true });
  });

  it('can all be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached)
      for (const { file } of targetsOf(pageOf(path))) if (file.endsWith('.md')) reached.add(file);
    expect([...reached].sort()).toEqual(expect.arrayContaining(PAGES.map(({ path }) => path)));
  });
});

describe('the README', () => {
  it.each(['README.md', 'README.zh-CN.md'])('%s has at most 120 lines', (path) => {
    expect(pageOf(path).text.trimEnd().split('\n').length).toBeLessThanOrEqual(README_LINES);
  });

  it('says the same in Chinese, with the same commands, figures and links: only the pictures may differ', () => {
    const [english, chinese] = [pageOf('README.md'), pageOf('README.zh-CN.md')];
    const pagesOf = (page: Page) =>
      new Set(
        targetsOf(page).flatMap(({ file }) =>
          file.endsWith('.png') ? [] : file.startsWith('README') ? 'README' : file,
        ),
      );
    const figuresOf = ({ text }: Page) => /```\n( +found[\s\S]*?)```/.exec(text)?.[1];
    expect(commandsOf(chinese)).toEqual(
      commandsOf(english).map((command) => command.replace('<this repository>', '<本仓库>')),
    );
    expect(pagesOf(chinese)).toEqual(pagesOf(english));
    expect(figuresOf(english)).toBeDefined();
    expect(figuresOf(chinese)).toBe(figuresOf(english));
  });
});
