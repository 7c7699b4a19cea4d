import type { BoardView } from '#domain/board/view.ts';
import { type GlyphName, glyph } from './glyphs.ts';
import { type Html, html, type Part } from './html.ts';
import type { Locale } from './locale.ts';
import {
  changeOf,
  countFigure,
  type Figure,
  formatExactYuan,
  formatPercent,
  formatWhole,
  yuanFigure,
} from './numbers.ts';
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
  html`<span data-figure="${name}" data-value="${value}"${title === undefined ? undefined : html` title="${title}"`}>${shown}</span>`;

const withUnit = ({ text, unit }: Figure, sign = ''): Html =>
  html`${sign}${text}${unit === '' ? undefined : html`<span class="zb-unit">${unit}</span>`}`;

/** A count as one of the larger figures, its unit smaller than its digits and the whole of it in the title. */
export const largeCount = (name: string, value: number, { locale }: Drawing): Html =>
  figure(name, value, withUnit(countFigure(value, locale)), formatWhole(value));

/** An amount in fen, likewise. */
export const largeYuan = (name: string, fen: number, { locale }: Drawing): Html =>
  figure(name, fen, withUnit(yuanFigure(fen, locale), '¥'), formatExactYuan(fen));

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

/** A figure of a panel with its name above and, below, what it is a part of. */
export const stat = (label: string, number: Part, below: string): Html => html`
  <div class="zb-stat"><span class="zb-label">${label}</span><span class="zb-number">${number}</span><span class="zb-muted" title="${below}">${below}</span></div>`;
