import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, html } from '#domain/board/render/html.ts';
import { withUnseenShown } from '#platform/unseen.ts';

const shown = (text: string): string => text.replace(/[^\n\t]+/g, (part) => withUnseenShown(part));

describe('a template of markup', () => {
  it('escapes text that is filled in, and leaves markup unchanged', () => {
    const inner = html`<b>${'<i>'}</b>`;
    expect(html`<a title="${'"><script>'}">${inner}${['&', undefined, 3]}</a>`.html).toBe(
      '<a title="&quot;&gt;&lt;script&gt;"><b>&lt;i&gt;</b>&amp;3</a>',
    );
  });

  it('leaves out its own indentation, and keeps the white space of a text that is filled in', () => {
    expect(
      html`
      <b>
        ${'a\n  b'}
      </b>`.html,
    ).toBe('<b>a\n  b</b>');
  });

  it('shows invisible characters as codes, so that no two ids look the same because of them', () => {
    const ids = ['lotus', 'lo\u200btus', 'lotus\u200d', '\u202esutol', 'lotus\ufeff', 'lotus\ud83d'];
    expect(ids.map((id) => html`<b title="${id}">${id}</b>`.html.replace(/<[^>]*>/g, ''))).toEqual([
      'lotus',
      'lo\\u200btus',
      'lotus\\u200d',
      '\\u202esutol',
      'lotus\\ufeff',
      'lotus\\ud83d',
    ]);
    expect(html`<b title="${ids[3]}"></b>`.html).toBe('<b title="\\u202esutol"></b>');
  });

  it('never lets text become markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped.isWellFormed()).toBe(true);
        expect(
          escaped
            .replaceAll('&lt;', '<')
            .replaceAll('&gt;', '>')
            .replaceAll('&quot;', '"')
            .replaceAll('&#39;', "'")
            .replaceAll('&amp;', '&'),
        ).toBe(shown(text));
      }),
    );
  });
});
