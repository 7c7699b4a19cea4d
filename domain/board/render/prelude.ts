/** What the screen shows instead of figures and brands until the sale opens. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { type Drawing, figure, largeCount, largeMoney, panel, titled } from './drawing.ts';
import { type Html, html, type Part } from './html.ts';
import { formatCount, formatMoney, formatWhole } from './numbers.ts';
import { formatClock, formatCountdown, formatDay, isCountedInDays } from './times.ts';

/** A length in the largest unit that divides it, otherwise in minutes. */
const lengthOf = (ms: number, { texts }: Drawing): string => {
  const { day, hour, minute } = texts.lengths;
  if (ms % DAY_MS === 0) return day(ms / DAY_MS);
  return ms % HOUR_MS === 0 ? hour(ms / HOUR_MS) : minute(Math.round(ms / MINUTE_MS));
};

const opening = ({ view, locale, offsetMinutes }: Drawing): string =>
  `${formatDay(view.startsAtMs, offsetMinutes, locale)} ${formatClock(view.startsAtMs, offsetMinutes)}`;

const countdown = ({ view, texts }: Drawing): Html => {
  const leftMs = view.startsAtMs - view.nowMs;
  const { days, clock } = formatCountdown(leftMs);
  const shown = days === 0 ? clock : texts.countdownDays(String(days), clock);
  const isWide = leftMs > HOUR_MS;
  return html`<span class="zb-huge zb-countdown${isWide ? ' zb-wide' : ''}" role="timer">${figure('opens-in-seconds', Math.ceil(leftMs / SECOND_MS), shown)}</span>`;
};

const count = (label: string, number: Part, below: Part, tip?: string): Html => html`
  <div class="zb-count">
    <span class="zb-label"${titled(tip)}>${label}</span>
    <span class="zb-number">${number}</span>
    <span class="zb-versus zb-muted">${below}</span>
  </div>`;

/** How many members the presale has assigned to the experiment's arms; 0 before that. */
const membersKnown = ({ view }: Drawing): number =>
  view.experiment?.arms.reduce((sum, arm) => sum + arm.eligible, 0) ?? 0;

/** Shown instead of the headline until the sale opens: the time until then, and what the sale starts with. */
export const drawPrelude = (drawing: Drawing): Html => {
  const { view, texts, locale } = drawing;
  const lastYear = view.curve.lastYear.reduce(
    (sum, { netFen, orders }) => ({ netFen: sum.netFen + netFen, orders: sum.orders + orders }),
    { netFen: 0, orders: 0 },
  );
  const known = membersKnown(drawing);
  return html`
    <div class="zb-headline">
      <span class="zb-exact"><span class="zb-label">${texts.opensIn}</span></span>
      <div class="zb-figures zb-prelude">
        <div class="zb-gmv">
          ${countdown(drawing)}
          <span class="zb-versus"><span class="zb-muted">${texts.opensAt(opening(drawing))}</span></span>
        </div>
        <div class="zb-counts">
          ${lastYear.orders === 0 ? undefined : count(texts.lastYearWhole, largeMoney('last-year-fen', lastYear.netFen, drawing), texts.ordersCount(formatCount(lastYear.orders, locale)))}
          ${known === 0 ? undefined : count(texts.membersKnown, largeCount('members-known', known, drawing), '')}
          ${view.coupons === undefined ? undefined : count(texts.couponsIssued, largeCount('prelude-issued', view.coupons.issued, drawing), texts.budget(formatMoney(view.coupons.budgetFen, drawing)))}
        </div>
      </div>
    </div>`;
};

/** Shown instead of the brands until the sale opens: what the sale offers. */
export const drawPlan = (drawing: Drawing): Html => {
  const { view, texts } = drawing;
  const { coupons, freeOrders, brands } = view;
  const totalMs = view.endsAtMs - view.startsAtMs;
  const item = (label: string, value: string): Html => html`
    <div class="zb-fact" role="listitem"><span class="zb-label">${label}</span><span class="zb-strong">${value}</span></div>`;
  return panel(
    'plan',
    texts.toCome,
    undefined,
    html`
      <div class="zb-facts" role="list" aria-label="${texts.toCome}">
        ${item(texts.opens, opening(drawing))}
        ${item(texts.runsFor, isCountedInDays(totalMs) ? texts.lengths.day(Math.round(totalMs / DAY_MS)) : lengthOf(totalMs, drawing))}
        ${item(texts.brandLine, formatMoney(brands.lineFen, drawing, 1))}
        ${coupons === undefined ? undefined : item(texts.couponMoney, formatMoney(coupons.budgetFen, drawing))}
        ${freeOrders === undefined ? undefined : item(texts.freeOrdersToWin, texts.freeOrdersWorth(formatWhole(freeOrders.quota), formatMoney(freeOrders.budgetFen, drawing)))}
      </div>`,
  );
};
