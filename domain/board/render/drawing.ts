/** Pieces of markup that several parts of the screen share. */
import type { BoardView } from '#domain/board/view.ts';
import { type GlyphName, glyph } from './glyphs.ts';
import { type Html, html, type Part } from './html.ts';
import {
  changeOf,
  countFigure,
  type Figure,
  formatExactMoney,
  formatPercent,
  formatWhole,
  type MoneyLook,
  moneyFigure,
} from './numbers.ts';
import type { Texts } from './texts.ts';

/** What every part of the screen is drawn with. */
export type Drawing = MoneyLook & {
  view: BoardView;
  texts: Texts;
  /** How far the clock that is shown is ahead of UTC, in minutes. */
  offsetMinutes: number;
};

/** A tooltip's words as a `title` attribute. */
export const titled = (tip: string | undefined): Html | undefined =>
  tip === undefined ? undefined : html` title="${tip}"`;

/** A figure marked with its name and value (`data-figure`, `data-value`), so that a page can be compared with its view. */
export const figure = (name: string, value: number, shown: Part, title?: string): Html =>
  html`<span data-figure="${name}" data-value="${value}"${titled(title)}>${shown}</span>`;

const withUnit = ({ text, unit }: Figure, sign = ''): Html =>
  html`${sign}${text}${unit === '' ? undefined : html`<span class="zb-unit">${unit}</span>`}`;

/** A count as one of the larger figures, with its unit smaller than its digits, and the exact count in the title. */
export const largeCount = (name: string, value: number, { locale }: Drawing): Html =>
  figure(name, value, withUnit(countFigure(value, locale)), formatWhole(value));

/** An amount as one of the larger figures, like {@link largeCount}. */
export const largeMoney = (name: string, amount: number, drawing: Drawing): Html => {
  const { currency } = drawing;
  return figure(
    name,
    amount,
    withUnit(moneyFigure(amount, drawing), currency.sign),
    formatExactMoney(amount, currency),
  );
};

/** Words for screen readers only: a table's headings, an interval's ends. */
export const unseen = (words: string, role?: 'cell' | 'columnheader'): Html =>
  html`<span class="zb-unseen"${role === undefined ? undefined : html` role="${role}"`}>${words}</span>`;

/** Headings, for screen readers only, of a table whose columns need no visible ones. */
export const unseenHeads = (heads: readonly string[]): Html =>
  html`<div class="zb-unseen" role="row">${heads.map((head) => html`<span role="columnheader">${head}</span>`)}</div>`;

/** A length as a percentage of the available room, from 0 to 100 %. */
export const percentOf = (part: number, whole: number): string =>
  `${Math.round(Math.min(1, Math.max(0, whole > 0 ? part / whole : 0)) * 10_000) / 100}%`;

/** A change of less than this share, 0.05 %, is shown as none. */
const LEVEL = 0.0005;

export type Direction = 'up' | 'down' | 'level';

export const directionOf = (change: number): Direction =>
  Math.abs(change) < LEVEL ? 'level' : change > 0 ? 'up' : 'down';

/** `▲ 38.2 %`: up and down differ by shape, and also by colour. */
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
export const panel = (name: string, heading: Part, remark: Part, body: Part): Html => html`
  <div class="zb-panel zb-${name}">
    <div class="zb-heading"><span class="zb-title" role="heading" aria-level="2">${heading}</span><span class="zb-remark">${remark}</span></div>
    ${body}
  </div>`;

/** A figure of a panel with its name above and a remark below, such as the budget that it is a part of. */
export const stat = (label: string, number: Part, below: string, tip?: string): Html => html`
  <div class="zb-stat"><span class="zb-label"${titled(tip)}>${label}</span><span class="zb-number">${number}</span><span class="zb-muted" title="${below}">${below}</span></div>`;
