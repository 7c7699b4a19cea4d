import { describe, expect, it } from 'vitest';
import { pageOf } from '../docs/pages.ts';
import { StackTemplate } from './template.ts';

const template = new StackTemplate();
const functions = template.functions();
const NAMES = functions.map(({ name }) => name);

/** The functions that a deployment replaces before this one. */
const replacedBefore = (name: string): string[] => {
  const { DependsOn: ids = [] } = template.json.Resources[functions.find((one) => one.name === name)!.id];
  return functions.filter(({ id }) => ids.includes(id)).map((one) => one.name);
};

const listed = (text: string): string[] => text.split(/, | and /);

/** The functions in a cell of the table, such as "coupon, audience" or "all but intake and metrics". */
const namedIn = (cell: string): string[] => {
  const [, left] = /^all but (.+)$/.exec(cell) ?? [];
  if (left === undefined) return listed(cell);
  return NAMES.filter((name) => !listed(left).includes(name));
};

/**
 * The formats of the page that a single deployment can bring, although older functions cannot read them: the
 * deployment replaces the readers before the writer.
 */
const rows = pageOf('docs/deploying-formats.md')
  .text.split('\n')
  .filter((line) => /^\| (mark in a definition's item|links that a slot was drawn with)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, format, , writer, readers]) => ({ format: format!, writer: writer!, readers: readers! }));

describe('a deployment', () => {
  it('alone brings three of the formats in the table', () => expect(rows).toHaveLength(3));

  it.each(rows)('replaces $writer only after all readers of: $format', ({ writer, readers }) => {
    const others = namedIn(readers).filter((name) => name !== writer);
    for (const name of others) expect(NAMES).toContain(name);
    expect(replacedBefore(writer)).toEqual(expect.arrayContaining(others));
  });

  it.each([
    { what: 'a coupon has a keyed id', writer: 'presale', readers: ['intake'] },
    { what: 'a campaign is extended', writer: 'presale', readers: ['metrics', 'rollup', 'pacer'] },
    { what: 'members are linked', writer: 'intake', readers: ['coupon', 'audience', 'free-order'] },
    { what: 'a presale is begun', writer: 'pacer', readers: ['audience'] },
  ])('replaces $writer only after $readers, which learn from it that $what', ({ writer, readers }) => {
    expect(replacedBefore(writer)).toEqual(expect.arrayContaining(readers));
  });
});
