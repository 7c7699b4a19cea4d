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
  /** Of the clock that times are shown by, ahead of UTC. */
  offsetMinutes: number;
};

/** The words that show where the pointer rests. */
export const titled = (tip: string | undefined): Html | undefined =>
  tip === undefined ? undefined : html` title="${tip}"`;

/** A figure under its name, so that what the page says can be held against the view: `data-figure`, `data-value`. */
export const figure = (name: string, value: number, shown: Part, title?: string): Html =>
  html`<span data-figure="${name}" data-value="${value}"${titled(title)}>${shown}</span>`;

const withUnit = ({ text, unit }: Figure, sign = ''): Html =>
  html`${sign}${text}${unit === '' ? undefined : html`<span class="zb-unit">${unit}</span>`}`;

/** A count as one of the larger figures, its unit smaller than its digits and the whole of it in the title. */
export const largeCount = (name: string, value: number, { locale }: Drawing): Html =>
  figure(name, value, withUnit(countFigure(value, locale)), formatWhole(value));

/** An amount, likewise. */
export const largeMoney = (name: string, amount: number, drawing: Drawing): Html => {
  const { currency } = drawing;
  return figure(
    name,
    amount,
    withUnit(moneyFigure(amount, drawing), currency.sign),
    formatExactMoney(amount, currency),
  );
};

/** Words that only those hear who listen to the screen: a table's heads, an interval's ends. */
export const unseen = (words: string, role?: 'cell' | 'columnheader'): Html =>
  html`<span class="zb-unseen"${role === undefined ? undefined : html` role="${role}"`}>${words}</span>`;

/** The heads of a table whose columns say by their look what they are. */
export const unseenHeads = (heads: readonly string[]): Html =>
  html`<div class="zb-unseen" role="row">${heads.map((head) => html`<span role="columnheader">${head}</span>`)}</div>`;

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
export const panel = (name: string, heading: Part, remark: Part, body: Part): Html => html`
  <div class="zb-panel zb-${name}">
    <div class="zb-heading"><span class="zb-title" role="heading" aria-level="2">${heading}</span><span class="zb-remark">${remark}</span></div>
    ${body}
  </div>`;

/** A figure of a panel with its name above and, below, what it is a part of. */
export const stat = (label: string, number: Part, below: string, tip?: string): Html => html`
  <div class="zb-stat"><span class="zb-label"${titled(tip)}>${label}</span><span class="zb-number">${number}</span><span class="zb-muted" title="${below}">${below}</span></div>`;
