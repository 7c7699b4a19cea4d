/** The line at the top of the screen. */
import { type Drawing, percentOf } from './drawing.ts';
import { type GlyphName, glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import { formatMoney, formatWhole } from './numbers.ts';
import {
  formatClock,
  formatClockSeconds,
  formatDate,
  formatDay,
  formatElapsed,
  formatOffset,
  isCountedInDays,
} from './times.ts';

type Phase = Extract<GlyphName, 'upcoming' | 'live' | 'ended'>;

export const phaseOf = ({ startsAtMs, endsAtMs, nowMs }: Drawing['view']): Phase =>
  nowMs < startsAtMs ? 'upcoming' : nowMs < endsAtMs ? 'live' : 'ended';

/** The sale's display name, or its id if it has none. */
export const nameOfSale = ({ display, campaignId }: Drawing['view']): string => display?.name ?? campaignId;

const watermarkTime = ({ view, offsetMinutes, locale }: Drawing, watermarkMs: number): string => {
  const clock = formatClockSeconds(watermarkMs, offsetMinutes);
  return isCountedInDays(view.endsAtMs - view.startsAtMs)
    ? `${formatDay(watermarkMs, offsetMinutes, locale)} ${clock}`
    : clock;
};

/** Says that figures shown as complete are changing again, or that events were left out of them. */
const lateness = (drawing: Drawing): Html => {
  const { reopenedFromMs, tooLate } = drawing.view;
  const { texts } = drawing;
  return html`${
    reopenedFromMs === undefined
      ? undefined
      : html`<span class="zb-label" data-figure="reopened-from-ms" data-value="${reopenedFromMs}">${texts.reopenedFrom(watermarkTime(drawing, reopenedFromMs))}</span>`
  }${
    tooLate === 0
      ? undefined
      : html`<span class="zb-label" data-figure="too-late" data-value="${tooLate}">${texts.tooLate(formatWhole(tooLate), tooLate)}</span>`
  }`;
};

const completeness = (drawing: Drawing): Html => {
  const { view, texts } = drawing;
  const { watermarkMs } = view;
  if (watermarkMs === undefined) return html`<span class="zb-label">${texts.nothingYet}</span>`;
  if (view.isComplete) {
    return html`<span class="zb-label" data-figure="watermark-ms" data-value="${watermarkMs}">${texts.complete}</span><span class="zb-good">${glyph('fine')}</span>`;
  }
  return html`<span class="zb-label" title="${texts.tips.watermark}">${texts.completeUpTo}</span><span class="zb-strong" data-figure="watermark-ms" data-value="${watermarkMs}">${watermarkTime(drawing, watermarkMs)}</span>`;
};

/** Says that the campaign is paused, and since when. */
const paused = ({ view, texts, offsetMinutes }: Drawing): Html | undefined =>
  view.pausedSinceMs === undefined
    ? undefined
    : html`<span class="zb-phase zb-phase-paused" title="${texts.tips.paused}" data-figure="paused-since-ms" data-value="${view.pausedSinceMs}">${glyph('paused')}${texts.pausedSince(formatClockSeconds(view.pausedSinceMs, offsetMinutes))}</span>`;

/** Says that the campaign gives no more coupons, since when, and how much money is left. */
const closed = (drawing: Drawing): Html | undefined => {
  const { view, texts, offsetMinutes } = drawing;
  if (view.closedSinceMs === undefined) return undefined;
  const time = formatClock(view.closedSinceMs, offsetMinutes);
  const amount = formatMoney(view.coupons?.remainingFen ?? 0, drawing);
  return html`<span class="zb-phase zb-phase-paused" title="${texts.tips.closed}" data-figure="closed-since-ms" data-value="${view.closedSinceMs}">${glyph('ended')}${texts.closedSince(time, amount)}</span>`;
};

/** Says that the campaign was extended, and its former end, at which a draw of free orders still ends. */
const extended = ({ view, texts, offsetMinutes }: Drawing): Html | undefined => {
  const { plannedEndsAtMs, startsAtMs, endsAtMs } = view;
  if (plannedEndsAtMs === undefined) return undefined;
  const clock = formatClock(plannedEndsAtMs, offsetMinutes);
  const inDays = isCountedInDays(endsAtMs - startsAtMs);
  const former = inDays ? `${formatDate(plannedEndsAtMs, offsetMinutes)} ${clock}` : clock;
  const text = view.freeOrders === undefined ? texts.extended(former) : texts.extendedWithDraw(former);
  return html`<span class="zb-label" title="${texts.tips.extended}" data-figure="planned-ends-at-ms" data-value="${plannedEndsAtMs}">${text}</span>`;
};

/** The sale's name and state, how far it is, and until when its figures are complete. */
export const drawHeader = (drawing: Drawing): Html => {
  const { view, texts, offsetMinutes } = drawing;
  const { startsAtMs, endsAtMs, nowMs, watermarkMs } = view;
  const totalMs = endsAtMs - startsAtMs;
  const elapsedMs = Math.min(totalMs, Math.max(0, nowMs - startsAtMs));
  const inDays = isCountedInDays(totalMs);
  const day = (ms: number): string => formatDate(ms, offsetMinutes);
  const clock = (ms: number): string => formatClock(ms, offsetMinutes);
  const phase = phaseOf(view);
  const elapsed = (inDays ? texts.elapsedDays : texts.elapsed)(
    formatElapsed(elapsedMs, totalMs),
    formatElapsed(totalMs, totalMs),
  );
  return html`
    <div class="zb-header">
      <span class="zb-campaign" role="heading" aria-level="1" title="${view.campaignId}">${nameOfSale(view)}</span>
      <span class="zb-phase zb-phase-${phase}">${glyph(phase)}${texts[phase]}</span>
      ${paused(drawing)}${closed(drawing)}${extended(drawing)}
      <span class="zb-clock">
        <span class="zb-muted">${day(startsAtMs)}${inDays ? undefined : ` ${clock(startsAtMs)}`}</span>
        <span class="zb-time" title="${formatOffset(offsetMinutes)}">
          <i class="zb-elapsed" style="width:${percentOf(elapsedMs, totalMs)}"></i>
          ${watermarkMs === undefined ? undefined : html`<i class="zb-folded" style="left:${percentOf(watermarkMs - startsAtMs, totalMs)}"></i>`}
        </span>
        <span class="zb-muted">${inDays ? day(endsAtMs) : clock(endsAtMs)} ${formatOffset(offsetMinutes)}</span>
      </span>
      ${phase === 'upcoming' ? undefined : html`<span class="zb-strong zb-far-in">${elapsed}</span>`}
      <span class="zb-complete">${completeness(drawing)}${lateness(drawing)}</span>
      <span class="zb-now" title="${texts.now}, ${formatOffset(offsetMinutes)}" data-figure="now-ms" data-value="${nowMs}">${formatClockSeconds(nowMs, offsetMinutes)}</span>
    </div>`;
};
