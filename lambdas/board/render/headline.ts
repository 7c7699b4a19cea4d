import type { Compared } from '#lambdas/board/view.ts';
import { changeMark, type Drawing, figure } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatCount, formatExactYuan, formatWhole, formatYuan, yuanFigure } from './numbers.ts';

/** The largest figure on the screen has a digit more than the others. */
const HEADLINE_DIGITS = 4;

const versusLastYear = (drawing: Drawing, compared: Compared, lastYear: string): Html => {
  const { texts } = drawing;
  if (compared.lastYear === undefined) return html`<span class="zb-muted">${texts.noLastYear}</span>`;
  return html`${changeMark(compared, drawing)}<span class="zb-muted" title="${lastYear}">${texts.lastYearHere(lastYear)}</span>`;
};

const count = (drawing: Drawing, name: string, label: string, compared: Compared): Html => {
  const { locale, texts } = drawing;
  return html`
    <div class="zb-count">
      <span class="zb-label">${label}</span>
      <span class="zb-number">${figure(name, compared.value, formatCount(compared.value, locale), formatWhole(compared.value))}</span>
      <span class="zb-versus">${changeMark(compared, drawing)}${
        compared.lastYear === undefined ? undefined : html`<span class="zb-muted">${texts.onLastYear}</span>`
      }</span>
    </div>`;
};

/** The figure that the wall is for, and the three that explain it. */
export const drawHeadline = (drawing: Drawing): Html => {
  const { view, locale, texts } = drawing;
  const { netFen, grossFen, refundedFen, orders, members } = view.headline;
  const net = yuanFigure(netFen.value, locale, HEADLINE_DIGITS);
  return html`
    <div class="zb-headline">
      <div class="zb-gmv">
        <span class="zb-label">${texts.netGmv}</span>
        <span class="zb-huge"><span class="zb-currency">¥</span>${figure('net-fen', netFen.value, net.text, formatExactYuan(netFen.value))}<span class="zb-unit">${net.unit}</span></span>
        <span class="zb-versus">${versusLastYear(drawing, netFen, formatYuan(netFen.lastYear ?? 0, locale))}</span>
        <span class="zb-exact">
          <span class="zb-strong">${formatExactYuan(netFen.value)}</span>
          <span class="zb-muted">${texts.paid} ${formatYuan(grossFen, locale)}</span>
          <span class="zb-muted">${texts.refunded} ${formatYuan(refundedFen, locale)}</span>
        </span>
      </div>
      <div class="zb-counts">
        ${count(drawing, 'orders', texts.orders, orders)}
        ${count(drawing, 'members', texts.members, members)}
      </div>
    </div>`;
};
