/** Draws the curves of an evaluation. */
import type { Figures } from './figures.ts';
import type { EvaluateOptions } from './options.ts';

const WIDTH = 760;
const HEIGHT = 480;
const MARGIN = { left: 76, right: 24, top: 56, bottom: 56 };
const MARKS = 5;
const COLORS = { policy: '#0b6e4f', response: '#b3541e', random: '#5c6570', ink: '#1d2329', grid: '#dfe3e8' };

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** The distance between two marks on the vertical axis: 1, 2 or 5 times a power of ten, large enough that only few marks fit. */
const markStep = (range: number): number => {
  const least = range / MARKS;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least)!;
};

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

/** The curves of a trial as an SVG file: incremental outcome by the share treated, with the policy's interval. */
export const drawCurves = (
  { curve, qini }: Figures,
  { outcome, budget }: Pick<EvaluateOptions, 'outcome' | 'budget'>,
): string => {
  const values = curve.flatMap(({ policy, response, random }) => [
    policy.low,
    policy.high,
    response.estimate,
    random,
  ]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const range = high - low || 1;
  const x = (share: number) => MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - low) / range) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const point = (share: number, value: number) => `${rounded(x(share))},${rounded(y(value))}`;
  const line = (of: (at: Figures['curve'][number]) => number) =>
    [point(0, 0), ...curve.map((at) => point(at.share, of(at)))].join(' ');
  const band = [
    point(0, 0),
    ...curve.map(({ share, policy }) => point(share, policy.high)),
    ...curve.toReversed().map(({ share, policy }) => point(share, policy.low)),
  ].join(' ');
  const step = markStep(range);
  const marks = Array.from(
    { length: Math.floor(high / step) - Math.ceil(low / step) + 1 },
    (_, i) => (Math.ceil(low / step) + i) * step,
  );
  const [left, right] = [x(0), x(1)];
  const legend = [
    [COLORS.policy, 'policy (95 % interval)'],
    [COLORS.response, 'response model'],
    [COLORS.random, 'best single arm at random'],
  ];
  const number = (value: number) => String(Number(value.toPrecision(6)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="${COLORS.ink}" role="img">
<title>Incremental ${escaped(outcome)} per 1,000 members by the share treated</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${left}" y="24" font-size="15" font-weight="600">Incremental ${escaped(outcome)} per 1,000 members, by the share treated</text>
<text x="${left}" y="43" fill="${COLORS.random}">Qini ${escaped(qini.estimate.toPrecision(3))} (${escaped(qini.low.toPrecision(3))} to ${escaped(qini.high.toPrecision(3))}) per 1,000</text>
${marks.map((mark) => `<line x1="${left}" x2="${right}" y1="${rounded(y(mark))}" y2="${rounded(y(mark))}" stroke="${mark === 0 ? COLORS.random : COLORS.grid}"/><text x="${left - 8}" y="${rounded(y(mark) + 4)}" text-anchor="end">${number(mark)}</text>`).join('\n')}
${[0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => `<text x="${rounded(x(share))}" y="${HEIGHT - MARGIN.bottom + 20}" text-anchor="middle">${share * 100} %</text>`).join('\n')}
<line x1="${rounded(x(budget))}" x2="${rounded(x(budget))}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" stroke="${COLORS.random}" stroke-dasharray="3 4"/>
<polygon points="${band}" fill="${COLORS.policy}" fill-opacity="0.14"/>
<polyline points="${line(({ random }) => random)}" fill="none" stroke="${COLORS.random}" stroke-width="1.5" stroke-dasharray="6 4"/>
<polyline points="${line(({ response }) => response.estimate)}" fill="none" stroke="${COLORS.response}" stroke-width="1.8"/>
<polyline points="${line(({ policy }) => policy.estimate)}" fill="none" stroke="${COLORS.policy}" stroke-width="2.4"/>
${legend.map(([color, name], i) => `<rect x="${left + i * 220}" y="${HEIGHT - 22}" width="16" height="4" fill="${color}"/><text x="${left + i * 220 + 22}" y="${HEIGHT - 15}">${name}</text>`).join('\n')}
</svg>
`;
};
