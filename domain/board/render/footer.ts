/** The line at the bottom of the screen. */
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';
import { type Drawing, titled } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import { formatMoney, formatWhole } from './numbers.ts';
import { formatClockSeconds, formatDay, isCountedInDays } from './times.ts';

/** The most milestones that are shown; fewer if the line has no room for them. */
const LATEST = 5;

const latestFirst = (milestones: readonly MilestoneView[]): MilestoneView[] =>
  [...milestones].sort((a, b) => b.atMs - a.atMs).slice(0, LATEST);

const milestone = (one: MilestoneView, drawing: Drawing): Html => {
  const { view, locale, texts, offsetMinutes } = drawing;
  const time = isCountedInDays(view.endsAtMs - view.startsAtMs)
    ? formatDay(one.atMs, offsetMinutes, locale)
    : formatClockSeconds(one.atMs, offsetMinutes);
  const said = (): { who: string | undefined; what: string } => {
    switch (one.kind) {
      case 'brand-line':
        return { who: one.brand, what: texts.brandCrossed(formatMoney(view.brands.lineFen, drawing, 1)) };
      case 'passed-last-year':
        return { who: undefined, what: texts.passedLastYear };
      default:
        return one satisfies never;
    }
  };
  const { who, what } = said();
  return html`
    <span class="zb-milestone zb-${one.kind}" role="listitem" data-milestone="${one.kind}:${who ?? ''}">${glyph(one.kind === 'brand-line' ? 'crossed' : 'up')}<span class="zb-muted">${time}</span>${
      who === undefined ? undefined : html`<span class="zb-name"${titled(who)}>${who}</span>`
    }<span class="zb-what">${what}</span></span>`;
};

const health = ({ view, texts, offsetMinutes }: Drawing): Html => {
  if (view.health === undefined)
    return html`<span class="zb-health"><span class="zb-muted">${texts.healthUnknown}</span></span>`;
  const { atMs, rejects, deadLetters } = view.health;
  const calm = rejects === 0 && deadLetters === 0;
  return html`
    <span class="zb-health" title="${formatClockSeconds(atMs, offsetMinutes)}">
      ${calm ? html`<span class="zb-calm"><span class="zb-good">${glyph('fine')}</span>${texts.healthy}</span>` : undefined}
      ${rejects === 0 ? undefined : html`<span class="zb-warning" title="${texts.tips.rejects}" data-figure="rejects" data-value="${rejects}">${glyph('alarm')}${texts.rejects(formatWhole(rejects))}</span>`}
      ${deadLetters === 0 ? undefined : html`<span class="zb-alarm" title="${texts.tips.deadLetters}" data-figure="dead-letters" data-value="${deadLetters}">${glyph('alarm')}${texts.deadLetters(formatWhole(deadLetters))}</span>`}
    </span>`;
};

/** The latest milestones, the newest first, and whether anything was refused or got stuck. */
export const drawFooter = (drawing: Drawing): Html => {
  const { view, texts } = drawing;
  const latest = latestFirst(view.milestones);
  return html`
    <div class="zb-footer">
      <span class="zb-label">${texts.milestones}</span>
      ${
        latest.length === 0
          ? html`<span class="zb-ticker zb-muted">${texts.noMilestones}</span>`
          : html`<div class="zb-ticker" role="list" aria-label="${texts.milestones}">${latest.map((one) => milestone(one, drawing))}</div>`
      }
      ${health(drawing)}
    </div>`;
};
