import type { FreeOrderView } from '#lambdas/board/view.ts';
import { stat } from './coupons.ts';
import { type Drawing, figure, panel, percentOf } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import { formatCount, formatExactYuan, formatPercent, formatWhole, formatYuan } from './numbers.ts';
import { drawReasons } from './reasons.ts';
import { nameOf } from './texts.ts';

const OUTCOME_ROWS = 3;

/** In digits at either end: enough to compare by eye, the whole is in the title. */
const HASH_HEAD = 12;
const HASH_TAIL = 8;

const shortened = (hex: string): string =>
  hex.length <= HASH_HEAD + HASH_TAIL ? hex : `${hex.slice(0, HASH_HEAD)}…${hex.slice(-HASH_TAIL)}`;

const oddsOf = ({ odds, prizesPerSlot }: FreeOrderView, { texts }: Drawing): string | undefined => {
  if (odds !== undefined) return texts.odds(formatWhole(odds.win), formatWhole(odds.in));
  return prizesPerSlot === undefined ? undefined : texts.prizesPerSlot(formatWhole(prizesPerSlot));
};

/** The draw: who took part, what was won of what there is, and the seed's hash that the draw was bound to beforehand. */
export const drawFreeOrders = (draw: FreeOrderView, drawing: Drawing): Html => {
  const { texts, locale } = drawing;
  const { participants, wins, revoked, awardedFen, quota, budgetFen, seedCommitment, seed } = draw;
  const count = (name: string, value: number): Html =>
    figure(name, value, formatCount(value, locale), formatWhole(value));
  const lost = draw.outcomes.filter(({ outcome }) => outcome !== 'won');
  return panel(
    'free',
    texts.freeOrders,
    oddsOf(draw, drawing),
    html`
      <div class="zb-stats">
        ${stat(texts.participants, count('participants', participants), participants > 0 ? formatPercent(wins / participants, locale) : '–')}
        ${stat(texts.won, count('wins', wins), html`${texts.ofQuota(formatCount(quota, locale))}${revoked > 0 ? ` · ${texts.revoked(formatCount(revoked, locale))}` : ''}`)}
        ${stat(texts.awarded, figure('awarded-fen', awardedFen, formatYuan(awardedFen, locale), formatExactYuan(awardedFen)), texts.budget(formatYuan(budgetFen, locale)))}
      </div>
      <div class="zb-budget"><span class="zb-gauge"><i style="width:${percentOf(awardedFen, budgetFen)}"></i></span></div>
      <div class="zb-sealing">
        <span class="zb-proof" title="${seedCommitment}">${glyph('sealed')}<span class="zb-label">${texts.commitment}</span><span class="zb-hash">${shortened(seedCommitment)}</span></span>
        <span class="zb-proof"${seed === undefined ? undefined : html` title="${seed}"`}>${glyph('open')}<span class="zb-label">${texts.seed}</span>${
          seed === undefined
            ? html`<span class="zb-muted">${texts.seedSealed}</span>`
            : html`<span class="zb-hash">${shortened(seed)}</span>`
        }</span>
      </div>
      <div class="zb-columns">
        ${drawReasons(
          texts.outcomes,
          lost.map((one) => ({ name: nameOf(texts.outcomeNames, one.outcome), count: one.count })),
          OUTCOME_ROWS,
          texts.noOutcomes,
          drawing,
        )}
      </div>`,
  );
};
