import type { ExperimentView, Interval } from '#lambdas/board/view.ts';
import { isTold } from '#lambdas/experiment/sentence.ts';
import { type Drawing, panel } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import { type DrawnInterval, layOutIntervals } from './interval-shape.ts';
import type { Locale } from './locale.ts';
import { formatCount, formatEffect, formatPercent, formatSignedPercent } from './numbers.ts';

const THOUSAND = 1_000;
const FEN_PER_YUAN = 100;
/** In decimals: p-values below the smallest are said to be below it. */
const P_DECIMALS = 4;
const SMALLEST_P = 10 ** -P_DECIMALS;

/** An effect with how its three numbers are written. */
type Effect = {
  measure: string;
  arms: string;
  interval: Interval | undefined;
  write: (value: number, locale: Locale) => string;
};

const scaled = (interval: Interval | undefined, factor: number): Interval | undefined =>
  interval && {
    estimate: interval.estimate * factor,
    low: interval.low * factor,
    high: interval.high * factor,
  };

const effectsOf = (experiment: ExperimentView, { texts }: Drawing): Effect[][] => [
  [
    {
      measure: texts.conversion,
      arms: texts.engineVsBaseline,
      interval: experiment.conversionLift,
      write: formatSignedPercent,
    },
  ],
  (['engine', 'baseline'] as const).map((arm) => ({
    measure: texts.ordersPerThousand,
    arms: arm === 'engine' ? texts.engineVsControl : texts.baselineVsControl,
    interval: scaled(experiment.ordersPerMember[arm], THOUSAND),
    write: formatEffect,
  })),
  (['engine', 'baseline'] as const).map((arm) => ({
    measure: texts.netPerMember,
    arms: arm === 'engine' ? texts.engineVsControl : texts.baselineVsControl,
    interval: scaled(experiment.netFenPerMember[arm], 1 / FEN_PER_YUAN),
    write: formatEffect,
  })),
];

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;

/** An effect that is told from none has a filled dot and another colour. */
const plot = (interval: Interval, { low, estimate, high }: DrawnInterval): Html => html`
  <i class="zb-whisker" style="left:${percent(low)};width:${percent(high - low)}"></i><i class="zb-estimate${isTold(interval) ? ' zb-told' : ''}" style="left:${percent(estimate)}"></i>`;

const effectRow = (
  { measure, arms, interval, write }: Effect,
  drawn: DrawnInterval | undefined,
  zero: number,
  isFirst: boolean,
  { locale, texts }: Drawing,
): Html => html`
  <div class="zb-effect${isFirst ? ' zb-leads' : ''}">
    <span class="zb-measure"><span>${isFirst ? measure : undefined}</span><span class="zb-muted">${arms}</span></span>
    <span class="zb-interval"><b style="left:${percent(zero)}"></b>${
      interval === undefined || drawn === undefined ? undefined : plot(interval, drawn)
    }</span>
    ${
      interval === undefined
        ? html`<span class="zb-value zb-muted">${texts.notYet}</span>`
        : html`<span class="zb-value" title="${write(interval.low, locale)} … ${write(interval.high, locale)}"><span class="${isTold(interval) ? 'zb-strong' : 'zb-muted'}">${write(interval.estimate, locale)}</span></span>`
    }
  </div>`;

const ratio = ({ sampleRatio }: ExperimentView, { texts }: Drawing): Html => {
  if (!sampleRatio.isMismatched) {
    return html`<span class="zb-ratio"><span class="zb-good">${glyph('fine')}</span>${texts.ratioHolds}</span>`;
  }
  const { pValue } = sampleRatio;
  const shown = pValue < SMALLEST_P ? `< ${SMALLEST_P.toFixed(P_DECIMALS)}` : pValue.toFixed(P_DECIMALS);
  return html`<span class="zb-ratio zb-alarm">${glyph('alarm')}${texts.ratioMismatch(shown)}</span>`;
};

/** What the coupons changed, in a sentence and as intervals around zero, and whether the arms can be trusted. */
export const drawExperiment = (experiment: ExperimentView, sentence: string, drawing: Drawing): Html => {
  const { texts, locale } = drawing;
  const effects = effectsOf(experiment, drawing);
  const { zero, groups } = layOutIntervals(effects.map((group) => group.map(({ interval }) => interval)));
  return panel(
    'experiment',
    texts.experiment,
    texts.confidence(formatPercent(experiment.confidence, locale).replace('.0', '')),
    html`
      <div class="zb-sentence">${sentence}</div>
      <div class="zb-effects">${effects.map((group, i) =>
        group.map((effect, j) => effectRow(effect, groups[i]![j], zero, j === 0, drawing)),
      )}</div>
      <div class="zb-arms">
        ${experiment.arms.map(({ arm, eligible }) => html`<span><span class="zb-muted">${texts.arms[arm]}</span> ${formatCount(eligible, locale)}</span>`)}
        ${ratio(experiment, drawing)}
      </div>`,
  );
};
