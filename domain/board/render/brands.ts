/** The panel of brands. */
import type { BrandView } from '#domain/board/view.ts';
import { type Drawing, figure, largeCount, panel, percentOf, titled, unseenHeads } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import {
  formatCount,
  formatExactMoney,
  formatMoney,
  formatMultiple,
  formatWhole,
  hasDoubled,
} from './numbers.ts';
import { formatClock, formatDay, isCountedInDays } from './times.ts';

/**
 * If the leader has less than this part of the line (the net amount at which a brand reaches a milestone), its bar would be too short
 * to see. Bars are then measured by the leader alone.
 */
const LINE_OUT_OF_SIGHT = 0.05;

/** Below this, the numbers of brands at or above the line and of brands that doubled are shown in full. */
const IN_FULL_BELOW = 100_000;

type Scale = { longestFen: number; line: number | undefined };

const scaleOf = (leaders: readonly BrandView[], lineFen: number): Scale => {
  const leaderFen = leaders[0]?.netFen ?? 0;
  if (leaderFen < lineFen * LINE_OUT_OF_SIGHT) return { longestFen: leaderFen, line: undefined };
  const longestFen = Math.max(leaderFen, lineFen);
  return { longestFen, line: lineFen / longestFen };
};

const multiple = ({ netFen, lastYearNetFen }: BrandView, { view, texts }: Drawing): Html | undefined => {
  if (view.brands.doubled === undefined) return undefined;
  if (lastYearNetFen === undefined || lastYearNetFen <= 0) {
    return html`<span class="zb-muted">${texts.isNew}</span>`;
  }
  const isDoubled = hasDoubled(netFen, lastYearNetFen);
  return html`<span class="${isDoubled ? 'zb-doubled' : 'zb-muted'}">${isDoubled ? glyph('up') : undefined}${formatMultiple(netFen / lastYearNetFen)}</span>`;
};

const row = (drawing: Drawing, brand: BrandView, rank: number, { longestFen, line }: Scale): Html => {
  const { view, locale, texts, offsetMinutes } = drawing;
  const inDays = isCountedInDays(view.endsAtMs - view.startsAtMs);
  const isAbove = brand.netFen >= view.brands.lineFen;
  const crossed =
    brand.crossedAtMs === undefined
      ? undefined
      : inDays
        ? formatDay(brand.crossedAtMs, offsetMinutes, locale)
        : formatClock(brand.crossedAtMs, offsetMinutes);
  return html`
    <div class="zb-brand${isAbove ? ' zb-above' : ''}" role="row" data-key="brand:${brand.brand}">
      <span class="zb-rank" role="cell">${rank}</span>
      <span class="zb-name" role="cell" title="${brand.brand}">${brand.brand}</span>
      <span class="zb-times" ${view.brands.doubled === undefined ? html`aria-hidden="true"` : html`role="cell"`}>${multiple(brand, drawing)}</span>
      <span class="zb-net" role="cell">${figure(`brand-${rank}`, brand.netFen, formatMoney(brand.netFen, drawing), formatExactMoney(brand.netFen, drawing.currency))}</span>
      <span class="zb-crossed" role="cell"${titled(crossed && texts.crossedAt(crossed))}>${
        crossed === undefined ? glyph('below') : html`${glyph('crossed')}${crossed}`
      }</span>
      <span class="zb-bar" aria-hidden="true"><i style="width:${percentOf(brand.netFen, longestFen)}"></i>${
        line === undefined ? undefined : html`<b style="left:${percentOf(line, 1)}"></b>`
      }</span>
    </div>`;
};

/** How many brands are at or above the line, how many doubled, and the leaders, each with its bar against the line. */
export const drawBrands = (drawing: Drawing, rows: number): Html => {
  const { view, locale, texts } = drawing;
  const { lineFen, aboveLine, doubled, active } = view.brands;
  const leaders = view.brands.leaders.slice(0, rows);
  const scale = scaleOf(leaders, lineFen);
  const line = formatMoney(lineFen, drawing, 1);
  const { rank, brand, timesLastYear, netAmount, crossing } = texts;
  const table = html`
    <div class="zb-leaders" role="table" aria-label="${texts.brands}" style="--rows:${rows}">
      ${unseenHeads([rank, brand, ...(doubled === undefined ? [] : [timesLastYear]), netAmount, crossing])}
      ${leaders.map((leader, i) => row(drawing, leader, i + 1, scale))}
    </div>`;
  const big = (name: string, value: number, label: Html): Html => html`
    <div class="zb-feat">
      <span class="zb-big">${value < IN_FULL_BELOW ? figure(name, value, formatWhole(value)) : largeCount(name, value, drawing)}</span>
      <span class="zb-label">${label}</span>
    </div>`;
  return panel(
    'brands',
    texts.brands,
    html`<span data-figure="active-brands" data-value="${active}">${texts.activeBrands(formatCount(active, locale))}</span>`,
    html`
      <div class="zb-feats">
        ${big('above-line', aboveLine, html`<span class="zb-crossed-color">${glyph('crossed')}</span>${texts.aboveLine(line)}`)}
        ${doubled === undefined ? undefined : big('doubled', doubled, html`<span class="zb-doubled">${glyph('up')}</span><span title="${texts.tips.doubled}">${texts.doubled}</span>`)}
      </div>
      ${leaders.length === 0 ? html`<div class="zb-leaders"><span class="zb-none">${texts.noBrands}</span></div>` : table}`,
  );
};
