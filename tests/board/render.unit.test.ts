import { describe, expect, it } from 'vitest';
import { LOCALES } from '#domain/board/render/locale.ts';
import { TEXTS } from '#domain/board/render/texts.ts';
import { PALETTES, THEMES } from '#domain/board/render/theme.ts';
import { renderBoard } from '#domain/board/render.ts';
import type { BoardView } from '#domain/board/view.ts';
import { BARE, CLOSED, EXTENDED, EXTREME, FULL, JUST_BEGUN, PAUSED, UPCOMING, VIEWS } from './views.ts';

/** In bytes: the limit of a custom widget's answer, and the size that the screen should stay below. */
const MAX_ANSWER_BYTES = 200_000;
const AIM_BYTES = 60_000;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');
const english = (view: BoardView): string => renderBoard(view, { locale: 'en', theme: 'dark' });
const chinese = (view: BoardView): string => renderBoard(view, { locale: 'zh-CN', theme: 'dark' });

/** The names of all tags and attributes of the markup. */
const namesIn = (markup: string): { tags: Set<string>; attributes: Set<string> } => {
  const tags = new Set<string>();
  const attributes = new Set<string>();
  for (const [, tag, rest] of markup.matchAll(
    /<([a-zA-Z][^\s/>]*)((?:\s+[^\s=/>]+(?:="[^"]*")?)*)\s*\/?>/g,
  )) {
    tags.add(tag!);
    for (const [, name] of rest!.matchAll(/\s([^\s=/>]+)(?:="[^"]*")?/g)) attributes.add(name!);
  }
  return { tags, attributes };
};

describe('the fragment', () => {
  it.each(Object.keys(VIEWS))('has only plain elements, no script and a small size (%s)', (name) => {
    for (const locale of LOCALES) {
      for (const theme of THEMES) {
        const markup = renderBoard(VIEWS[name]!, { locale, theme });
        const { tags, attributes } = namesIn(markup);
        expect([...tags].sort()).toEqual(
          [...tags]
            .filter((tag) => ['b', 'circle', 'div', 'i', 'path', 'span', 'style', 'svg'].includes(tag))
            .sort(),
        );
        expect([...attributes].filter((attribute) => attribute.startsWith('on'))).toEqual([]);
        expect(
          [...attributes].filter((attribute) => ['href', 'src', 'srcset', 'action'].includes(attribute)),
        ).toEqual([]);
        expect(markup).not.toMatch(/url\(|@import|undefined|NaN|Infinity|\[object/);
        expect(bytesOf(markup)).toBeLessThan(AIM_BYTES);
      }
    }
  });

  it('is one element, in which every element that is opened is closed', () => {
    for (const view of Object.values(VIEWS)) {
      const markup = english(view);
      expect(markup.startsWith('<div class="zb cwdb-no-default-styles"')).toBe(true);
      expect(markup.endsWith('</div>')).toBe(true);
      for (const tag of ['div', 'span', 'i', 'b', 'svg', 'style']) {
        const opened = markup.split(new RegExp(`<${tag}[\\s>]`)).length;
        expect(markup.split(`</${tag}>`).length, tag).toBe(opened);
      }
    }
  });

  it('never turns texts of events into markup', () => {
    const markup = english(EXTREME);
    expect(markup).not.toContain('<script');
    expect(markup).not.toContain('<img');
    expect(markup.split('</style>')).toHaveLength(2);
    expect(markup).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(markup).toContain('a &amp; b &quot;c&quot; &#39;d&#39; &lt;e&gt;');
  });

  it('stays within the size limit of an answer even for 37,000 brands, 37,000 milestones and a curve by the second', () => {
    const brand = FULL.brands.leaders[0]!;
    const name = '长'.repeat(128);
    const seconds = Array.from({ length: 3_600 }, (_, i) => ({
      elapsedMs: i * 1_000,
      orders: 1,
      netFen: i * 7_919,
    }));
    const reasons = Array.from({ length: 5_000 }, (_, i) => ({ reason: `${name}${i}`, count: 1 }));
    const markup = english({
      ...EXTREME,
      curve: { windowMs: 1_000, points: seconds, lastYear: seconds },
      brands: {
        ...EXTREME.brands,
        leaders: Array.from({ length: 37_000 }, () => ({ ...brand, brand: name })),
      },
      milestones: Array.from({ length: 37_000 }, (_, i) => ({ kind: 'brand-line', brand: name, atMs: i })),
      coupons: { ...EXTREME.coupons!, withheld: reasons, refused: reasons },
    });
    expect(bytesOf(markup)).toBeLessThan(MAX_ANSWER_BYTES);
  });

  it('is a function of its arguments', () => {
    expect(english(FULL)).toBe(english(structuredClone(FULL)));
  });

  it('scopes every rule to its own classes', () => {
    const [, style] = /<style>(.*?)<\/style>/.exec(renderBoard(FULL, { locale: 'en', theme: 'auto' }))!;
    const selectors = style!
      .replaceAll(/@(?:supports|media|container)[^{]*\{/g, '')
      .split('}')
      .map((rule) => rule.split('{')[0]!.trim())
      .filter((selector) => selector !== '');
    expect(selectors.length).toBeGreaterThan(50);
    for (const selector of selectors.flatMap((list) => list.split(',')))
      expect(selector).toMatch(/^\.zb(-|[ {:]|$)/);
  });
});

describe('the screen', () => {
  const said = (markup: string, figure: string): string | undefined =>
    new RegExp(`data-figure="${figure}" data-value="([^"]*)"`).exec(markup)?.[1];

  it('says that a campaign is paused, and since when, but only if it is', () => {
    expect(said(english(PAUSED), 'paused-since-ms')).toBe(String(PAUSED.pausedSinceMs));
    expect(english(PAUSED)).toMatch(/title="nothing is issued[^>]*>.*Paused since \d\d:\d\d:\d\d/);
    expect(said(english(FULL), 'paused-since-ms')).toBeUndefined();
  });

  it('says that no more coupons are given, since when, and how much money is left', () => {
    expect(said(english(CLOSED), 'closed-since-ms')).toBe(String(CLOSED.closedSinceMs));
    expect(english(CLOSED)).toMatch(/Closed \d\d:\d\d, [^<]*\d[^<]* left/);
    expect(said(english(FULL), 'closed-since-ms')).toBeUndefined();
  });

  it('says how much money a ceiling holds back, in both languages', () => {
    const held = { ...FULL, coupons: { ...FULL.coupons!, heldFen: 1_234_500 } };
    expect(said(english(held), 'held-fen')).toBe('1234500');
    expect(english(held)).toMatch(/¥12\.3\sK held back/);
    expect(chinese(held)).toMatch(/上限以外 [^<]*1\.23[^<]* 暂不发放/);
    expect(said(english(FULL), 'held-fen')).toBeUndefined();
  });

  it('says that the sale was extended, in both languages, and that its free orders end as announced', () => {
    expect(said(english(EXTENDED), 'planned-ends-at-ms')).toBe(String(EXTENDED.plannedEndsAtMs));
    expect(english(EXTENDED)).toMatch(/Extended; draws until \d\d:\d\d</);
    expect(english({ ...EXTENDED, freeOrders: undefined })).toMatch(/Extended from \d\d:\d\d</);
    expect(chinese(EXTENDED)).toMatch(/已延长；免单至 \d\d:\d\d</);
    expect(said(english(FULL), 'planned-ends-at-ms')).toBeUndefined();
  });

  it('shows what the view holds', () => {
    const markup = english(FULL);
    expect(markup).toContain(`data-net-fen="1234567890" data-orders="48213"`);
    expect(markup).toContain('¥12,345,678.90');
    expect(said(markup, 'above-line')).toBe('35');
    expect(said(markup, 'doubled')).toBe('1802');
    expect(said(markup, 'participants')).toBe('8014');
    expect(said(markup, 'coupons-spent-fen')).toBe('31170000');
    expect(markup).toContain(FULL.freeOrders!.seedCommitment);
    expect(markup).toContain('20:42:10');
  });

  it('shows how many coupons were used against their terms and what was spent beyond the budget, if there is any', () => {
    const { coupons } = FULL;
    expect(english(FULL)).toContain('12 against their terms');
    expect(english(FULL)).toContain('¥300 beyond it');
    const calm = english({ ...FULL, coupons: { ...coupons!, againstTerms: 0, overdraftFen: 0 } });
    for (const absent of ['against their terms', 'beyond it']) expect(calm).not.toContain(absent);
  });

  it('shows a state by a shape and by words, and not by colour alone', () => {
    expect(english(FULL)).toContain('Every event is in');
    expect(english(VIEWS.ended!)).toMatch(/<svg.*?<\/svg>12 messages stuck/);
    expect(english(VIEWS.ended!)).toMatch(/p &lt; 0\.0001"><svg.*?<\/svg>Groups not comparable/);
  });

  it('leaves out what a campaign does not have, and shows no figures before there are any', () => {
    const bare = english(BARE);
    for (const absent of ['Coupons', 'Experiment', 'Free orders', 'last year', 'Last year']) {
      expect(bare).not.toContain(absent);
    }
    const upcoming = english(UPCOMING);
    expect(upcoming).toContain('Opens at 10 Nov 20:00');
    expect(upcoming).toContain('data-watermark-ms=""');
    expect(english({ ...JUST_BEGUN, curve: { ...JUST_BEGUN.curve, points: [] } })).toContain(
      'Waiting for the first order',
    );
  });

  it('shows the latest milestones first', () => {
    const markup = english(FULL);
    expect(markup.indexOf('20:41:30')).toBeLessThan(markup.indexOf('20:40:20'));
    expect(markup).toContain('Passed the whole of last year');
  });

  it('names every reason and outcome in each language in words, not by its code', () => {
    for (const locale of LOCALES) {
      const { withholdReasons, refusalReasons, outcomeNames } = TEXTS[locale];
      for (const names of [withholdReasons, refusalReasons, outcomeNames]) {
        for (const [code, name] of Object.entries(names)) {
          if (code.includes('-')) expect(name).not.toBe(code);
          expect(name).not.toBe('');
        }
      }
    }
  });
});

describe('the colours', () => {
  const luminance = (colour: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const contrast = (one: string, other: string): number => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light! + 0.05) / (dark! + 0.05);
  };

  it.each(['dark', 'light'] as const)('have enough contrast for every text (%s)', (theme) => {
    const palette = PALETTES[theme];
    for (const ground of [palette.ground, palette.panel]) {
      for (const name of ['text', 'muted', 'good', 'alarm', 'crossed', 'doubled'] as const) {
        expect(contrast(palette[name], ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
      // Drawings and the largest letters need less (WCAG 2.2, criteria 1.4.3 and 1.4.11).
      for (const name of ['hot', 'cold', 'far', 'near'] as const) {
        expect(contrast(palette[name], ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
    expect(contrast(palette['on-alarm'], palette.alarm)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette.text, palette.well)).toBeGreaterThanOrEqual(4.5);
  });
});
