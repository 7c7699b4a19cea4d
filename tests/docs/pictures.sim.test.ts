import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PICTURES } from '../bench/pictures/all.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const PAGE = readFileSync(new URL('mathematics.md', DOCS), 'utf8');

/** The pictures that the page shows, each with the block of figures below it. */
const shown = [...PAGE.matchAll(/\]\(pictures\/([\w-]+)\.svg\)\n```text\n([\s\S]*?)\n```/g)].map(
  ([, name, figures]) => ({ name: name!, figures: figures! }),
);

/** Files that the page names, by their whole path or by their name alone. */
const FILES = [...new Set([...PAGE.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, file]) => file!))];
const ROOT = new URL('..', DOCS).pathname;

describe('the page on the mathematics', () => {
  it('names only files and commands that exist', () => {
    expect(FILES.length).toBeGreaterThan(20);
    for (const file of FILES) {
      const found = file.includes('/') ? file : `domain/**/${file}`;
      expect(globSync(found, { cwd: ROOT }), file).toHaveLength(1);
    }
    const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
    for (const [, script] of PAGE.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([script!]);
  });
});

describe('the pictures of the mathematics', () => {
  it('are all shown on the page, and no others are', () => {
    expect(shown.map(({ name }) => name).sort()).toEqual(Object.keys(PICTURES).sort());
  });

  it.each(shown)(
    'are what `npm run docs:pictures` draws, as are the figures below them: $name',
    ({ name, figures }) => {
      const drawn = PICTURES[name]!();
      expect(drawn.figures.join('\n')).toBe(figures);
      expect(drawn.svg).toBe(readFileSync(new URL(`pictures/${name}.svg`, DOCS), 'utf8'));
    },
  );
});
