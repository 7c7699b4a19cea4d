import { DAY_MS } from '#platform/duration.ts';
import { CURVE_HEIGHT, CURVE_WIDTH, type CurveShape, shapeOf } from './curve-shape.ts';
import { type Drawing, percentOf } from './drawing.ts';
import { type Html, html, type Part } from './html.ts';
import { formatYuan } from './numbers.ts';
import type { Texts } from './texts.ts';
import { axisTimes, formatClock, formatClockSeconds, formatDay, isCountedInDays } from './times.ts';

/** The longest first. */
const UNITS_MS = [
  ['day', DAY_MS],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** In marks on the time axis. */
const MAX_TIME_MARKS = 9;

/** Nearer to an edge than this, in parts of the width, a label is set beside its mark and not under the middle of it. */
const EDGE = 0.04;
/** From here on the label of the watermark stands left of its line. */
const LABEL_LEFT_FROM = 0.6;

/** In the largest unit that it is a whole number of. */
const windowName = (windowMs: number, { windows }: Texts): string => {
  const [unit, lengthMs] = UNITS_MS.find(([, ms]) => windowMs % ms === 0) ?? UNITS_MS.at(-1)!;
  return windows[unit](windowMs / lengthMs);
};

const drawn = (className: string, path: string | undefined): Html | undefined =>
  path === undefined ? undefined : html`<path class="${className}" d="${path}"/>`;

const canvas = (className: string, content: Part): Html => html`
  <svg class="${className}" viewBox="0 0 ${CURVE_WIDTH} ${CURVE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${content}</svg>`;

/** The area is a drawing of its own, because it fades towards the bottom. */
const paths = ({ area, line, partial, lastYear }: CurveShape): Html => html`
  ${canvas('zb-plot zb-fading', drawn('zb-area', area))}
  ${canvas('zb-plot', [drawn('zb-partial', partial), drawn('zb-last', lastYear), drawn('zb-line', line)])}`;

/** Net amount a window, this year's as an area and last year's as a dashed line, with the watermark where this year's ends. */
export const drawCurve = ({ view, locale, texts, offsetMinutes }: Drawing): Html => {
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
  const edgeOf = (x: number): string => (x < EDGE ? ' zb-first' : x > 1 - EDGE ? ' zb-final' : '');
  const hasNothing = shape.line === undefined && shape.partial === undefined;
  return html`
    <div class="zb-curve">
      <div class="zb-heading">
        <span class="zb-title">${shape.windowMs < totalMs ? texts.curve(windowName(shape.windowMs, texts)) : texts.netGmv}</span>
        <span class="zb-remark">
          ${
            shape.peak === undefined
              ? undefined
              : html`<span class="zb-peak-text">${texts.peak(formatYuan(shape.peak.netFen, locale), timeAt(Math.max(0, shape.peak.elapsedMs)))}</span>`
          }
          <span class="zb-key"><i class="zb-key-area"></i>${texts.thisYear}</span>
          ${shape.lastYear === undefined ? undefined : html`<span class="zb-key"><i class="zb-key-last"></i>${texts.lastYear}</span>`}
        </span>
      </div>
      <div class="zb-chart">
        ${shape.amounts.map(({ netFen, y }) => html`<span class="zb-amount" style="top:${percentOf(y, 1)}">${formatYuan(netFen, locale)}</span>`)}
        <div class="zb-canvas">
        ${shape.amounts.map(({ y }) => html`<i class="zb-grid" style="top:${percentOf(y, 1)}"></i>`)}
        ${paths(shape)}
        ${shape.zero < 1 ? html`<i class="zb-zero" style="top:${percentOf(shape.zero, 1)}"></i>` : undefined}
        ${shape.peak === undefined ? undefined : html`<i class="zb-dot" style="left:${percentOf(shape.peak.x, 1)};top:${percentOf(shape.peak.y, 1)}"></i>`}
        ${
          shape.watermark === undefined || watermarkMs === undefined || shape.watermark >= 1
            ? undefined
            : html`<i class="zb-mark" style="left:${percentOf(shape.watermark, 1)}"></i><span class="zb-flag${shape.watermark > LABEL_LEFT_FROM ? ' zb-flag-left' : ''}" style="${
                shape.watermark > LABEL_LEFT_FROM
                  ? `right:${percentOf(1 - shape.watermark, 1)}`
                  : `left:${percentOf(shape.watermark, 1)}`
              }">${inDays ? axisTime(watermarkMs - startsAtMs) : formatClockSeconds(watermarkMs, offsetMinutes)}</span>`
        }
        ${
          hasNothing
            ? html`<span class="zb-waiting">${nowMs < startsAtMs ? texts.waitingUntil(axisTime(0)) : texts.waiting}</span>`
            : undefined
        }
        </div>
      </div>
      <div class="zb-axis">${axisTimes(totalMs, MAX_TIME_MARKS).map((ms) => {
        const x = ms / totalMs;
        return html`<span class="zb-tick${edgeOf(x)}" style="left:${percentOf(x, 1)}">${axisTime(ms)}</span>`;
      })}</div>
    </div>`;
};
