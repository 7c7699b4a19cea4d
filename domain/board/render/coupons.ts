/** The panel of coupons. */
import type { CouponView, ModelView } from '#domain/board/view.ts';
import { type Drawing, largeCount, largeMoney, panel, percentOf, stat } from './drawing.ts';
import { type GlyphName, glyph } from './glyphs.ts';
import { phaseOf } from './header.ts';
import { type Html, html } from './html.ts';
import { formatCount, formatMoney, formatPercent, formatSignedPercent } from './numbers.ts';
import { drawReasons, type Reason } from './reasons.ts';
import { nameOf, type Texts } from './texts.ts';

/**
 * Spending that differs from the plan by at most this share of the plan counts as planned: the pacer acts once
 * a minute, and a minute of an hour's sale spends about that much.
 */
const ON_PLAN = 0.02;

const WITHHELD_ROWS = 3;
const REFUSED_ROWS = 3;

const pace = (
  { budgetFen, remainingFen, plannedSpentFen }: CouponView,
  { view, texts, locale }: Drawing,
): Html => {
  const spentFen = budgetFen - remainingFen;
  const said = (mark: GlyphName, state: string, text: string): Html =>
    html`<span class="zb-pace zb-${state}" title="${texts.tips.pace}">${glyph(mark)}${text}</span>`;
  if (phaseOf(view) === 'upcoming') return said('upcoming', 'level', texts.beforeOpening);
  if (plannedSpentFen <= 0) return said('level', 'level', texts.nothingPlanned);
  const ahead = spentFen / plannedSpentFen - 1;
  if (Math.abs(ahead) <= ON_PLAN) return said('fine', 'good', texts.onPlan);
  const share = formatPercent(ahead, locale);
  return ahead > 0
    ? said('up', 'level', texts.aheadOfPlan(share))
    : said('down', 'level', texts.behindPlan(share));
};

const reasonsOf = (
  list: readonly { reason: string; count: number }[],
  names: Texts['withholdReasons'] | Texts['refusalReasons'],
): Reason[] => list.map(({ reason, count }) => ({ name: nameOf(names, reason), count }));

/** Which model decides, what it has seen, and how it compares with the prior. */
const modelLine = (
  { version, issued, used, isWithdrawn, lift, challenger }: ModelView,
  { texts, locale }: Drawing,
): Html => {
  const percent = (value: number): string => formatSignedPercent(value, locale);
  const seen = texts.model(version, formatCount(issued, locale), formatCount(used, locale));
  const compared =
    lift === undefined ? '' : texts.modelLift(percent(lift.estimate), percent(lift.low), percent(lift.high));
  const challenged =
    challenger === undefined
      ? ''
      : texts.modelChallenger(formatCount(challenger.issued, locale), formatCount(challenger.used, locale));
  const said = [isWithdrawn ? texts.modelWithdrawn : seen, compared, challenged].filter(
    (part) => part !== '',
  );
  return html`<div class="zb-said zb-muted">${said.join(' · ')}</div>`;
};

/** How many coupons were issued and used, what they cost against the plan, and why coupons were withheld or refused. */
export const drawCoupons = (coupons: CouponView, drawing: Drawing): Html => {
  const { texts, locale } = drawing;
  const { budgetFen, remainingFen, plannedSpentFen, issued, redeemed, returned, expired } = coupons;
  const spentFen = budgetFen - remainingFen;
  const { againstTerms, overdraftFen } = coupons;
  const used =
    issued > 0
      ? texts.ofIssued(formatPercent(redeemed / issued, locale))
      : texts.returned(formatCount(returned, locale));
  const budget = texts.budget(formatMoney(budgetFen, drawing));
  const beside = (said: string, more: string | undefined): string =>
    more === undefined ? said : `${said} · ${more}`;
  const usedBelow = beside(
    used,
    againstTerms > 0 ? texts.againstTerms(formatCount(againstTerms, locale)) : undefined,
  );
  const spentBelow = beside(
    budget,
    overdraftFen > 0 ? texts.overdraft(formatMoney(overdraftFen, drawing)) : undefined,
  );
  const heldBack =
    coupons.heldFen === undefined
      ? undefined
      : html`<span class="zb-muted" title="${texts.tips.heldBack}" data-figure="held-fen" data-value="${coupons.heldFen}">${texts.heldBack(formatMoney(coupons.heldFen, drawing))}</span>`;
  const withheld = {
    heading: texts.withheld,
    reasons: reasonsOf(coupons.withheld, texts.withholdReasons),
    rows: WITHHELD_ROWS,
    none: texts.nothingWithheld,
  };
  const refused = {
    heading: texts.refused,
    reasons: reasonsOf(coupons.refused, texts.refusalReasons),
    rows: REFUSED_ROWS,
    none: '',
  };
  return panel(
    'coupons',
    coupons.modelCalls === 0
      ? texts.coupons
      : html`<span title="${texts.tips.modelCalls(formatCount(coupons.modelCalls, locale))}">${texts.coupons}</span>`,
    undefined,
    html`
      <div class="zb-stats">
        ${stat(texts.issued, largeCount('coupons-issued', issued, drawing), texts.expired(formatCount(expired, locale)))}
        ${stat(texts.redeemed, largeCount('coupons-redeemed', redeemed, drawing), usedBelow)}
        ${stat(texts.spent, largeMoney('coupons-spent-fen', spentFen, drawing), spentBelow, texts.tips.spent)}
      </div>
      <div class="zb-budget">
        <span class="zb-gauge" aria-hidden="true"><i style="width:${percentOf(spentFen, budgetFen)}"></i><b style="left:${percentOf(plannedSpentFen, budgetFen)}"></b></span>
        <span class="zb-said">${pace(coupons, drawing)}<span class="zb-muted">${texts.plan} ${formatMoney(plannedSpentFen, drawing)}</span>${heldBack}</span>
      </div>
      ${coupons.model === undefined ? undefined : modelLine(coupons.model, drawing)}
      ${coupons.hasOwnModel === true ? html`<div class="zb-said zb-muted">${texts.ownModel}</div>` : undefined}
      <div class="zb-columns">
        ${drawReasons(withheld, drawing)}
        ${coupons.refused.length === 0 ? undefined : drawReasons(refused, drawing)}
      </div>`,
  );
};
