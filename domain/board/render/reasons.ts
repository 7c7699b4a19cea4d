/** Lists of reasons with their counts, in the panels of coupons and free orders. */
import { type Drawing, percentOf } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatCount } from './numbers.ts';

export type Reason = { name: string; count: number };

export type Reasons = {
  heading: string;
  /** The most frequent first. */
  reasons: readonly Reason[];
  /** At most this many reasons are shown. */
  rows: number;
  /** The text shown when there are no reasons. */
  none: string;
};

/** Why something did not happen: the most frequent reasons, each with a bar in proportion to the first. */
export const drawReasons = ({ heading, reasons, rows, none }: Reasons, { locale }: Drawing): Html => {
  const shown = reasons.filter(({ count }) => count > 0).slice(0, rows);
  const most = shown[0]?.count ?? 0;
  return html`
    <div class="zb-reasons">
      <span class="zb-label">${heading}</span>
      ${
        shown.length === 0
          ? html`<span class="zb-none">${none}</span>`
          : html`<div class="zb-list" role="list" aria-label="${heading}">${shown.map(
              ({ name, count }) =>
                html`<span class="zb-reason" role="listitem"><i style="width:${percentOf(count, most)}"></i><span class="zb-name" title="${name}">${name}</span><span class="zb-tally">${formatCount(count, locale)}</span></span>`,
            )}</div>`
      }
    </div>`;
};
