import { CURVE_HEIGHT, CURVE_WIDTH, type CurveShape, shapeOf } from './curve-shape.ts';
import type { Drawing } from './drawing.ts';
import { type Html, html } from './html.ts';
import { formatYuan } from './numbers.ts';
import type { Texts } from './texts.ts';
import { axisTimes, formatClock, formatClockSeconds, formatDay, isCountedInDays } from './times.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const WINDOW_NAMES: Readonly<Record<number, Exclude<keyof Texts['windows'], 'other'>>> = {
  [SECOND_MS]: 'second',
  60000: 'minute',
  3600000: 'hour',
  [DAY_MS]: 'day',
};

/** In marks on the time axis. */
const MAX_TIME_MARKS = 8;

/** Nearer to an edge than this, in parts of the width, a label is set beside its mark and not under the middle of it. */
const EDGE = 0.04;
/** From here on the label of the watermark stands left of its line. */
const LABEL_LEFT_FROM = 0.6;

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;

const windowName = (windowMs: number, { windows }: Texts): string => {
  const name = WINDOW_NAMES[windowMs];
  return name === undefined ? windows.other(String(windowMs / SECOND_MS)) : windows[name];
};

const paths = ({ area, line, partial, lastYear }: CurveShape): Html => html`
  <svg class="zb-plot" viewBox="0 0 ${CURVE_WIDTH} ${CURVE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    ${partial === undefined ? undefined : html`<path class="zb-partial" d="${partial}"/>`}
    ${area === undefined ? undefined : html`<path class="zb-area" d="${area}"/>`}
    ${lastYear === undefined ? undefined : html`<path class="zb-last" d="${lastYear}"/>`}
    ${line === undefined ? undefined : html`<path class="zb-line" d="${line}"/>`}
  </svg>`;

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
        <span class="zb-title">${texts.curve(windowName(shape.windowMs, texts))}</span>
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
        ${shape.amounts.map(
          ({ netFen, y }) =>
            html`<i class="zb-grid" style="top:${percent(y)}"></i><span class="zb-amount" style="top:${percent(y)}">${formatYuan(netFen, locale)}</span>`,
        )}
        ${paths(shape)}
        ${shape.zero < 1 ? html`<i class="zb-zero" style="top:${percent(shape.zero)}"></i>` : undefined}
        ${shape.peak === undefined ? undefined : html`<i class="zb-dot" style="left:${percent(shape.peak.x)};top:${percent(shape.peak.y)}"></i>`}
        ${
          shape.watermark === undefined || watermarkMs === undefined || shape.watermark >= 1
            ? undefined
            : html`<i class="zb-mark" style="left:${percent(shape.watermark)}"></i><span class="zb-flag${shape.watermark > LABEL_LEFT_FROM ? ' zb-flag-left' : ''}" style="${
                shape.watermark > LABEL_LEFT_FROM
                  ? `right:${percent(1 - shape.watermark)}`
                  : `left:${percent(shape.watermark)}`
              }">${formatClockSeconds(watermarkMs, offsetMinutes)}</span>`
        }
        ${
          hasNothing
            ? html`<span class="zb-waiting">${nowMs < startsAtMs ? texts.waitingUntil(axisTime(0)) : texts.waiting}</span>`
            : undefined
        }
      </div>
      <div class="zb-axis">${axisTimes(totalMs, MAX_TIME_MARKS).map((ms) => {
        const x = ms / totalMs;
        return html`<span class="zb-tick${edgeOf(x)}" style="left:${percent(x)}">${axisTime(ms)}</span>`;
      })}</div>
    </div>`;
};
