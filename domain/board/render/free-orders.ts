/** The panel of free orders. */
import type { FreeOrderView } from '#domain/board/view.ts';
import { type Drawing, largeCount, largeMoney, panel, percentOf, stat } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { phaseOf } from './header.ts';
import { type Html, html } from './html.ts';
import { formatCount, formatMoney, formatPercent, formatWhole } from './numbers.ts';
import { drawReasons } from './reasons.ts';
import { nameOf } from './texts.ts';

const OUTCOME_ROWS = 3;

/** How many digits of a hash are shown at either end: enough to compare by eye. The tooltip has the whole hash. */
const HASH_HEAD = 10;
const HASH_TAIL = 6;

const shortened = (hex: string): string =>
  hex.length <= HASH_HEAD + HASH_TAIL ? hex : `${hex.slice(0, HASH_HEAD)}…${hex.slice(-HASH_TAIL)}`;

const oddsOf = ({ odds, prizesPerSlot }: FreeOrderView, { texts }: Drawing): string | undefined => {
  if (odds !== undefined) return texts.odds(formatWhole(odds.win), formatWhole(odds.in));
  return prizesPerSlot === undefined ? undefined : texts.prizesPerSlot(formatWhole(prizesPerSlot));
};

/** The draw: how many took part, what was won of the quota and the budget, and the seed's hash, published before the draw. */
export const drawFreeOrders = (draw: FreeOrderView, drawing: Drawing): Html => {
  const { texts, locale } = drawing;
  const { participants, wins, revoked, awardedFen, quota, budgetFen, seedCommitment, seed } = draw;
  const lost = draw.outcomes.filter(({ outcome }) => outcome !== 'won');
  return panel(
    'free',
    texts.freeOrders,
    oddsOf(draw, drawing),
    html`
      <div class="zb-stats">
        ${stat(texts.participants, largeCount('participants', participants, drawing), participants > 0 ? texts.wonShare(formatPercent(wins / participants, locale)) : '–', texts.tips.participants)}
        ${stat(texts.won, largeCount('wins', wins, drawing), [texts.ofQuota(formatCount(quota, locale)), ...(revoked > 0 ? [texts.revoked(formatCount(revoked, locale))] : [])].join(' · '))}
        ${stat(texts.awarded, largeMoney('awarded-fen', awardedFen, drawing), texts.budget(formatMoney(budgetFen, drawing)))}
      </div>
      <div class="zb-budget"><span class="zb-gauge" aria-hidden="true"><i style="width:${percentOf(awardedFen, budgetFen)}"></i></span></div>
      <div class="zb-columns">
        ${drawReasons(
          {
            heading: texts.outcomes,
            reasons: lost.map((one) => ({ name: nameOf(texts.outcomeNames, one.outcome), count: one.count })),
            rows: OUTCOME_ROWS,
            none: texts.noOutcomes,
          },
          drawing,
        )}
        <div class="zb-sealing">
          <span class="zb-label" title="${texts.tips.seal}">${glyph('sealed')}${texts.commitment}</span>
          ${
            seedCommitment === undefined
              ? html`<span>${texts.sealPending}</span>`
              : html`<span class="zb-hash" title="${seedCommitment}">${shortened(seedCommitment)}</span>`
          }
          <span class="zb-label" title="${texts.tips.key}">${glyph(seed === undefined ? 'upcoming' : 'open')}${texts.seed}</span>
          ${
            seed === undefined
              ? html`<span>${phaseOf(drawing.view) === 'ended' ? texts.seedUnrevealed : texts.seedSealed}</span>`
              : html`<span class="zb-hash" title="${seed}">${shortened(seed)}</span>`
          }
        </div>
      </div>`,
  );
};
