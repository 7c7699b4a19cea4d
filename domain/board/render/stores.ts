import type { StoreView } from '#domain/board/view.ts';
import { type Drawing, figure } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatExactMoney, formatMoney, formatWhole } from './numbers.ts';

/** In stores; those that the strip has no room for are left out. */
const STORES_MAX = 8;

/** The stores that sold most, side by side. */
export const drawStores = (stores: readonly StoreView[], drawing: Drawing): Html => {
  const { texts, currency } = drawing;
  return html`
    <div class="zb-stores">
      <span class="zb-label">${texts.stores}</span>
      <div class="zb-strip" role="list" aria-label="${texts.stores}">${stores.slice(0, STORES_MAX).map(
        ({ store, netFen, orders }, i) => html`
          <span class="zb-store" role="listitem" data-key="store:${store}" title="${formatExactMoney(netFen, currency)}, ${texts.ordersCount(formatWhole(orders))}">
            <span class="zb-rank">${i + 1}</span><span class="zb-name">${store}</span><span class="zb-strong">${figure(`store-${i + 1}`, netFen, formatMoney(netFen, drawing))}</span>
          </span>`,
      )}</div>
    </div>`;
};
