/** The strip of the stores that sold most. */
import type { StoreView } from '#domain/board/view.ts';
import { type Drawing, figure } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatExactMoney, formatMoney, formatWhole } from './numbers.ts';

/** At most this many stores are shown; the strip has no room for more. */
const STORES_MAX = 8;

const tipOf = ({ netFen, orders, missingFen, missingOrders }: StoreView, drawing: Drawing): string => {
  const { texts, currency } = drawing;
  const said = `${formatExactMoney(netFen, currency)}, ${texts.ordersCount(formatWhole(orders))}`;
  if (missingFen === 0 && missingOrders === 0) return said;
  return `${said}; ${texts.within(formatExactMoney(missingFen, currency), formatWhole(missingOrders))}`;
};

/** The stores that sold most, side by side in the order of their rank. If an amount may be off, the strip shows by how much. */
export const drawStores = (stores: readonly StoreView[], drawing: Drawing): Html => {
  const { texts } = drawing;
  return html`
    <div class="zb-stores stores">
      <span class="zb-label">${texts.stores}</span>
      <div class="zb-strip" role="list" aria-label="${texts.stores}">${stores
        .slice(0, STORES_MAX)
        .map((one, i) => {
          const { store, netFen, orders, missingFen } = one;
          const bound =
            missingFen === 0
              ? undefined
              : html`<span class="zb-rank">±${formatMoney(missingFen, drawing)}</span>`;
          return html`
          <span class="zb-store" role="listitem" data-key="store:${store}" title="${tipOf(one, drawing)}">
            <span class="zb-rank">${i + 1}</span><span class="zb-name">${store}</span><span class="zb-strong">${figure(`store-${i + 1}`, netFen, formatMoney(netFen, drawing))}</span>${bound}<span class="zb-rank">${figure(`store-orders-${i + 1}`, orders, texts.ordersCount(formatWhole(orders)))}</span>
          </span>`;
        })}</div>
    </div>`;
};
