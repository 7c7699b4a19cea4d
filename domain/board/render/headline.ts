/** The main figures of the screen. */
import type { Compared } from '#domain/board/view.ts';
import { changeMark, type Drawing, figure, largeCount, titled } from './drawing.ts';
import { type Html, html } from './html.ts';
import { changeOf, type Figure, formatExactMoney, formatMoney, moneyFigure } from './numbers.ts';

/** The largest figure on the screen has a digit more than the others. */
const HEADLINE_DIGITS = 4;

/** From this width on, a headline is set in a smaller size. The width is in characters; those of the unit count double. */
const WIDE_FROM = 8;
const isWide = ({ text, unit }: Figure): boolean => text.length + unit.length * 2 >= WIDE_FROM;

/** The comparison with last year's net amount, or, if there is none to compare with, the average order. */
const versus = (drawing: Drawing): Html | undefined => {
  const { view, texts } = drawing;
  const { netFen, orders } = view.headline;
  if (netFen.lastYear !== undefined && netFen.lastYear > 0) {
    return html`${changeMark(netFen, drawing)}<span class="zb-muted">${texts.lastYearHere(formatMoney(netFen.lastYear, drawing))}</span>`;
  }
  if (orders.value === 0) return undefined;
  return html`<span class="zb-muted">${texts.basket(formatMoney(netFen.value / orders.value, drawing))}</span>`;
};

const label = (words: string, tip?: string): Html =>
  html`<span class="zb-label"${titled(tip)}>${words}</span>`;

const count = (drawing: Drawing, name: string, label: Html, compared: Compared): Html => {
  const { texts } = drawing;
  return html`
    <div class="zb-count">
      ${label}
      <span class="zb-number">${largeCount(name, compared.value, drawing)}</span>
      <span class="zb-versus">${changeMark(compared, drawing)}${
        changeOf(compared) === undefined ? undefined : html`<span class="zb-muted">${texts.onLastYear}</span>`
      }</span>
    </div>`;
};

/** The net amount, which is the main figure of the screen, what was paid and refunded, and the counts of orders and members. */
export const drawHeadline = (drawing: Drawing): Html => {
  const { view, texts, currency } = drawing;
  const { netFen, grossFen, refundedFen, orders, members } = view.headline;
  const net = moneyFigure(netFen.value, drawing, HEADLINE_DIGITS);
  const sign = netFen.value < 0 ? net.text.slice(0, 1) : '';
  const digits = net.text.slice(sign.length);
  return html`
    <div class="zb-headline">
      <span class="zb-exact">
        <span class="zb-label" title="${texts.tips.netGmv}">${texts.netGmv}</span>
        <span class="zb-strong">${formatExactMoney(netFen.value, currency)}</span>
        <span class="zb-muted" title="${texts.tips.paid}">${texts.paid} ${formatMoney(grossFen, drawing)}</span>
        <span class="zb-muted" title="${texts.tips.refunded}">${texts.refunded} ${formatMoney(refundedFen, drawing)}</span>
      </span>
      <div class="zb-figures">
        <div class="zb-gmv">
          <span class="zb-huge${isWide(net) ? ' zb-wide' : ''}">${figure(
            'net-fen',
            netFen.value,
            html`${sign}<span class="zb-currency">${currency.sign}</span>${digits}<span class="zb-unit">${net.unit}</span>`,
            formatExactMoney(netFen.value, currency),
          )}</span>
          <span class="zb-versus">${versus(drawing)}</span>
        </div>
        <div class="zb-counts">
          ${count(drawing, 'orders', label(texts.orders), orders)}
          ${count(drawing, 'members', label(texts.members, texts.tips.members), members)}
        </div>
      </div>
    </div>`;
};
