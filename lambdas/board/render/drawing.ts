import type { BoardView } from '#lambdas/board/view.ts';
import { type GlyphName, glyph } from './glyphs.ts';
import { type Html, html, type Part } from './html.ts';
import type { Locale } from './locale.ts';
import { changeOf, formatPercent } from './numbers.ts';
import type { Texts } from './texts.ts';

/** What every part of the screen is drawn with. */
export type Drawing = {
  view: BoardView;
  locale: Locale;
  texts: Texts;
  /** Of the clock that times are shown by, ahead of UTC. */
  offsetMinutes: number;
};

/** A figure under its name, so that what the page says can be held against the view: `data-figure`, `data-value`. */
export const figure = (name: string, value: number, shown: Part, title?: string): Html =>
  html`<span class="zb-figure" data-figure="${name}" data-value="${value}" title="${title ?? ''}">${shown}</span>`;

/** A length as a share of the room it has, held within it. */
export const percentOf = (part: number, whole: number): string =>
  `${Math.round(Math.min(1, Math.max(0, whole > 0 ? part / whole : 0)) * 10_000) / 100}%`;

/** A change too small to be shown as one, in parts of the whole. */
const LEVEL = 0.0005;

export type Direction = 'up' | 'down' | 'level';

export const directionOf = (change: number): Direction =>
  Math.abs(change) < LEVEL ? 'level' : change > 0 ? 'up' : 'down';

/** `▲ 38.2 %`: up and down are told apart by shape, and by colour for those who see it. */
export const changeMark = (
  compared: { value: number; lastYear: number | undefined },
  { locale }: Drawing,
): Html | undefined => {
  const change = changeOf(compared);
  if (change === undefined) return undefined;
  const direction = directionOf(change);
  return html`<span class="zb-change zb-${direction}">${glyph(direction satisfies GlyphName)}${formatPercent(change, locale)}</span>`;
};

/** A panel with a heading and, on the heading's right, a remark. */
export const panel = (name: string, heading: string, remark: Part, body: Part): Html => html`
  <div class="zb-panel zb-${name}">
    <div class="zb-heading"><span class="zb-title" role="heading" aria-level="2">${heading}</span><span class="zb-remark">${remark}</span></div>
    ${body}
  </div>`;
