/** The panel of the experiment. */
import type { ArmView, ExperimentView, Interval } from '#domain/experiment/view.ts';
import { type Drawing, figure, panel, percentOf, unseen, unseenHeads } from './drawing.ts';
import { glyph } from './glyphs.ts';
import { type Html, html } from './html.ts';
import { type DrawnInterval, layOutIntervals } from './interval-shape.ts';
import type { Locale } from './locale.ts';
import { formatCount, formatEffect, formatPercent, formatSignedPercent, formatWhole } from './numbers.ts';
import { excludesZero, experimentSentence } from './sentence.ts';

const THOUSAND = 1_000;
/** The decimals of a p-value. If it is below the smallest number that they can show, the panel says that it is below that. */
const P_DECIMALS = 4;
const SMALLEST_P = 10 ** -P_DECIMALS;

/** A sentence longer than this is set in a smaller size. The unit is a Latin letter; a Chinese character counts as two. */
const LONG_SENTENCE = 110;
const isLong = (sentence: string): boolean =>
  sentence.length + (sentence.match(/\p{Script=Han}/gu)?.length ?? 0) > LONG_SENTENCE;

/** An effect, and how its numbers are written. In each measure, the engine's effect leads and the baseline's may follow. */
type Effect = {
  label: string;
  leads: boolean;
  interval: Interval | undefined;
  write: (value: number, locale: Locale) => string;
};

const scaled = (interval: Interval | undefined, factor: number): Interval | undefined =>
  interval && {
    estimate: interval.estimate * factor,
    low: interval.low * factor,
    high: interval.high * factor,
  };

/** The comparisons of this campaign, a list for each measure; a campaign need not have both a baseline and a control arm. */
const effectsOf = (experiment: ExperimentView, { texts, currency }: Drawing): Effect[][] => {
  const has = (name: ArmView['arm']): boolean => experiment.arms.some(({ arm }) => arm === name);
  const againstControl = (
    measure: string,
    { engine, baseline }: ExperimentView['ordersPerMember'],
    factor: number,
  ): Effect[] => [
    { label: measure, leads: true, interval: scaled(engine, factor), write: formatEffect },
    ...(has('baseline')
      ? [{ label: texts.baselineArm, leads: false, interval: scaled(baseline, factor), write: formatEffect }]
      : []),
  ];
  const conversion: Effect = {
    label: texts.conversion,
    leads: true,
    interval: experiment.conversionLift,
    write: formatSignedPercent,
  };
  return [
    ...(has('baseline') ? [[conversion]] : []),
    ...(has('control')
      ? [
          againstControl(texts.ordersPerThousand, experiment.ordersPerMember, THOUSAND),
          againstControl(
            texts.netPerMember(currency.sign.trim()),
            experiment.netFenPerMember,
            1 / currency.minorPerMajor,
          ),
        ]
      : []),
  ];
};

/** An effect whose interval excludes zero has a filled dot and another colour. */
const plot = (interval: Interval, { low, estimate, high }: DrawnInterval): Html => html`
  <i class="zb-whisker" style="left:${percentOf(low, 1)};width:${percentOf(high - low, 1)}"></i><i class="zb-estimate${excludesZero(interval) ? ' zb-conclusive' : ''}" style="left:${percentOf(estimate, 1)}"></i>`;

const effectRow = (
  { label, leads, interval, write }: Effect,
  drawn: DrawnInterval | undefined,
  zero: number,
  { locale, texts }: Drawing,
): Html => html`
  <div class="zb-effect" role="row">
    <span class="${leads ? 'zb-measure' : 'zb-measure zb-follows zb-muted'}" role="cell">${label}</span>
    <span class="zb-interval" aria-hidden="true"><b style="left:${percentOf(zero, 1)}"></b>${
      interval === undefined || drawn === undefined ? undefined : plot(interval, drawn)
    }</span>
    ${
      interval === undefined
        ? html`<span class="zb-value zb-muted" role="cell" title="${texts.notYet}">–${unseen(texts.notYet)}</span>`
        : html`<span class="zb-value ${excludesZero(interval) ? 'zb-strong' : 'zb-muted'}" role="cell" title="${write(interval.low, locale)} … ${write(interval.high, locale)}">${write(interval.estimate, locale)}${unseen(texts.interval(write(interval.low, locale), write(interval.high, locale)))}</span>`
    }
  </div>`;

const ratio = ({ sampleRatio }: ExperimentView, { texts }: Drawing): Html => {
  const { pValue, isMismatched } = sampleRatio;
  const shown = pValue < SMALLEST_P ? `< ${SMALLEST_P.toFixed(P_DECIMALS)}` : pValue.toFixed(P_DECIMALS);
  const tip = texts.tips.ratio(shown);
  return isMismatched
    ? html`<span class="zb-alarm" title="${tip}">${glyph('alarm')}${texts.ratioMismatch}</span>`
    : html`<span title="${tip}"><span class="zb-good">${glyph('fine')}</span>${texts.ratioHolds}</span>`;
};

/** What the coupons changed, in a sentence and as intervals on a line with zero, and whether the arms can be trusted. */
export const drawExperiment = (experiment: ExperimentView, drawing: Drawing): Html => {
  const { texts, locale } = drawing;
  const sentence = experimentSentence(experiment, locale, 'plain');
  // Where the arms cannot be trusted, the sentence says so at length, and the baseline's rows are left out to make room.
  const effects = effectsOf(experiment, drawing).map((group) =>
    experiment.sampleRatio.isMismatched ? group.filter(({ leads }) => leads) : group,
  );
  const { zero, groups } = layOutIntervals(effects.map((group) => group.map(({ interval }) => interval)));
  return panel(
    'experiment',
    texts.experiment,
    ratio(experiment, drawing),
    html`
      <div class="zb-sentence${isLong(sentence) ? ' zb-long' : ''}" title="${experimentSentence(experiment, locale)}">${sentence}</div>
      <div class="zb-effects" role="table" aria-label="${texts.experiment}" title="${texts.confidence(formatPercent(experiment.confidence, locale))}">${unseenHeads([texts.experiment, texts.confidence(formatPercent(experiment.confidence, locale))])}${effects.map(
        (group, i) => group.map((effect, j) => effectRow(effect, groups[i]![j], zero, drawing)),
      )}</div>
      <div class="zb-arms" role="list">
        ${experiment.arms.map(({ arm, eligible }) => html`<span role="listitem" title="${texts.tips.arms[arm]}">${texts.arms[arm]} <span class="zb-strong">${figure(`eligible-${arm}`, eligible, formatCount(eligible, locale), formatWhole(eligible))}</span></span>`)}
      </div>`,
  );
};
