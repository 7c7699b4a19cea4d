import type { ChannelView } from '#domain/board/view.ts';
import { type Drawing, figure, percentOf } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatExactMoney, formatMoney, formatPercent, formatWhole } from './numbers.ts';

const CHANNELS = ['far', 'near'] as const;

/** How the net amount divides between e-commerce and instant retail: two parts of one bar, one of them hatched. */
export const drawChannels = (drawing: Drawing): Html => {
  const { view, locale, texts, currency } = drawing;
  const none = (channel: ChannelView['channel']): ChannelView => ({ channel, netFen: 0, orders: 0 });
  const both = CHANNELS.map((name) => view.channels.find(({ channel }) => channel === name) ?? none(name));
  const sum = both.reduce((total, { netFen }) => total + Math.max(0, netFen), 0);
  const side = ({ channel, netFen, orders }: ChannelView): Html => html`
    <span class="zb-channel zb-${channel}" title="${formatExactMoney(netFen, currency)}, ${texts.ordersCount(formatWhole(orders))}">
      <i class="zb-swatch"></i>
      <span>${texts[channel]}</span>
      <span class="zb-strong">${sum > 0 ? formatPercent(Math.max(0, netFen) / sum, locale) : '–'}</span>
      <span class="zb-muted">${figure(`net-fen-${channel}`, netFen, formatMoney(netFen, drawing))}</span>
    </span>`;
  const [far, near] = both.map(side);
  return html`
    <div class="zb-channels">
      ${far}
      <span class="zb-split" aria-hidden="true">${both.map(({ channel, netFen }) => html`<i class="zb-${channel}" style="width:${percentOf(netFen, sum)}"></i>`)}</span>
      ${near}
    </div>`;
};
