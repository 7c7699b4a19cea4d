/** The curve of net amounts over the sale, beside last year's. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { CURVE_HEIGHT, CURVE_WIDTH, type CurveShape, shapeOf } from './curve-shape.ts';
import { type Drawing, percentOf } from './drawing.ts';
import { type Html, html, type Part } from './html.ts';
import { formatMoney } from './numbers.ts';
import type { Texts } from './texts.ts';
import { axisTimes, formatClock, formatClockSeconds, formatDay, isCountedInDays } from './times.ts';

/** Units of time in ms, the longest first. */
const UNITS_MS = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', SECOND_MS],
] as const;

/** At most this many marks on the time axis. */
const MAX_TIME_MARKS = 9;

/** Within this share of the width from an edge, a label stands beside its mark instead of centred under it. */
const EDGE = 0.04;
/** Beyond this share of the width, the label of the watermark stands left of its line. */
const LABEL_LEFT_FROM = 0.6;

/** A window's length in the largest unit that divides it. */
const windowName = (windowMs: number, { windows }: Texts): string => {
  const [unit, lengthMs] = UNITS_MS.find(([, ms]) => windowMs % ms === 0) ?? UNITS_MS.at(-1)!;
  return windows[unit](windowMs / lengthMs);
};

const drawn = (className: string, path: string | undefined): Html | undefined =>
  path === undefined ? undefined : html`<path class="${className}" d="${path}"/>`;

const canvas = (className: string, content: Part): Html => html`
  <svg class="${className}" viewBox="0 0 ${CURVE_WIDTH} ${CURVE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${content}</svg>`;

/** The area is a drawing of its own, because it fades towards the bottom. */
const paths = ({ area, line, partial, lastYear, lastYearArea }: CurveShape): Html => html`
  ${canvas('zb-plot zb-fading', [line === undefined ? drawn('zb-last-area', lastYearArea) : undefined, drawn('zb-area', area)])}
  ${canvas('zb-plot', [drawn('zb-partial', partial), drawn('zb-last', lastYear), drawn('zb-line', line)])}`;

const watermarkFlag = ({ watermark: x }: CurveShape, drawing: Drawing): Html | undefined => {
  const { view, locale, offsetMinutes } = drawing;
  const { watermarkMs, startsAtMs, endsAtMs } = view;
  if (x === undefined || watermarkMs === undefined || x >= 1) return undefined;
  const time = isCountedInDays(endsAtMs - startsAtMs)
    ? formatDay(watermarkMs, offsetMinutes, locale)
    : formatClockSeconds(watermarkMs, offsetMinutes);
  const isLeft = x > LABEL_LEFT_FROM;
  const place = isLeft ? `right:${percentOf(1 - x, 1)}` : `left:${percentOf(x, 1)}`;
  return html`<i class="zb-mark" style="left:${percentOf(x, 1)}"></i><span class="zb-flag${isLeft ? ' zb-flag-left' : ''}" style="${place}">${time}</span>`;
};

/** Net amount per window: this year's as an area, last year's dashed, and the watermark, up to which this year's are complete. */
export const drawCurve = (drawing: Drawing): Html => {
  const { view, locale, texts, offsetMinutes } = drawing;
  const { startsAtMs, endsAtMs, watermarkMs, nowMs, curve } = view;
  const totalMs = endsAtMs - startsAtMs;
  const completeMs = watermarkMs === undefined ? undefined : Math.min(totalMs, watermarkMs - startsAtMs);
  const shape = shapeOf(curve, totalMs, completeMs);
  const inDays = isCountedInDays(totalMs);
  const timeAt = (elapsedMs: number): string =>
    inDays && shape.windowMs >= DAY_MS
      ? formatDay(startsAtMs + elapsedMs, offsetMinutes, locale)
      : formatClock(startsAtMs + elapsedMs, offsetMinutes);
  const axisTime = (elapsedMs: number): string =>
    inDays
      ? formatDay(startsAtMs + elapsedMs, offsetMinutes, locale)
      : formatClock(startsAtMs + elapsedMs, offsetMinutes);
  const peakText = (peak: { netFen: number; elapsedMs: number }): [amount: string, time: string] => [
    formatMoney(peak.netFen, drawing),
    timeAt(Math.max(0, peak.elapsedMs)),
  ];
  const heading = shape.windowMs < totalMs ? texts.curve(windowName(shape.windowMs, texts)) : texts.netGmv;
  const alternative = [
    texts.chart(heading, axisTime(0), axisTime(totalMs)),
    shape.peak === undefined ? texts.chartNothing : texts.chartPeak(...peakText(shape.peak)),
    ...(shape.lastYearPeak === undefined ? [] : [texts.chartLastYear(...peakText(shape.lastYearPeak))]),
  ].join(' ');
  const edgeOf = (x: number): string => (x < EDGE ? ' zb-first' : x > 1 - EDGE ? ' zb-final' : '');
  const hasNothing = shape.line === undefined && shape.partial === undefined;
  const isWaiting = hasNothing && (nowMs >= startsAtMs || shape.lastYear === undefined);
  const amounts = hasNothing && shape.lastYear === undefined ? [] : shape.amounts;
  return html`
    <div class="zb-curve">
      <div class="zb-heading">
        <span class="zb-title" role="heading" aria-level="2">${heading}</span>
        <span class="zb-remark">
          ${
            shape.peak === undefined
              ? undefined
              : html`<span class="zb-peak-text">${texts.peak(...peakText(shape.peak))}</span>`
          }
          ${nowMs < startsAtMs ? undefined : html`<span class="zb-key"><i class="zb-key-area"></i>${texts.thisYear}</span>`}
          ${shape.lastYear === undefined ? undefined : html`<span class="zb-key"><i class="zb-key-last"></i>${texts.lastYear}</span>`}
        </span>
      </div>
      <div class="zb-chart" role="img" aria-label="${alternative}">
        ${amounts.map(({ netFen, y }) => html`<span class="zb-amount" style="top:${percentOf(y, 1)}">${formatMoney(netFen, drawing)}</span>`)}
        <div class="zb-canvas">
        ${amounts.map(({ y }) => html`<i class="zb-grid" style="top:${percentOf(y, 1)}"></i>`)}
        ${paths(shape)}
        ${shape.zero < 1 ? html`<i class="zb-zero" style="top:${percentOf(shape.zero, 1)}"></i>` : undefined}
        ${shape.peak === undefined ? undefined : html`<i class="zb-dot" style="left:${percentOf(shape.peak.x, 1)};top:${percentOf(shape.peak.y, 1)}"></i>`}
        ${watermarkFlag(shape, drawing)}
        ${isWaiting ? html`<span class="zb-waiting">${texts.waiting}</span>` : undefined}
        </div>
      </div>
      <div class="zb-axis${inDays ? ' zb-days' : ''}" aria-hidden="true">${axisTimes(
        totalMs,
        MAX_TIME_MARKS,
      ).map((ms) => {
        const x = ms / totalMs;
        return html`<span class="zb-tick${edgeOf(x)}" style="left:${percentOf(x, 1)}">${axisTime(ms)}</span>`;
      })}</div>
    </div>`;
};
