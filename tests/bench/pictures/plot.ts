/** Pictures of two plots side by side, as SVG with their own background, so that they can be read on a dark page too. */

const WIDTH = 960;
const HEIGHT = 400;
const GAP = 80;
const MARGIN = { left: 64, right: 32, top: 84, bottom: 60 };
const PLOT_WIDTH = (WIDTH - MARGIN.left - MARGIN.right - GAP) / 2;
const PLOT_HEIGHT = HEIGHT - MARGIN.top - MARGIN.bottom;
/** How far below a plot the marks of its x axis stand, and further down the name of the axis. */
const MARKS_BELOW = 18;
const NAME_BELOW = 38;
const MARKS_BESIDE = 8;
/** From a text's baseline up to the middle of its letters. */
const HALF_LETTER = 4;
/** The opacity of a band, through which lines are seen. */
const PALE = 0.16;

/** Colours that most colour-blind readers can distinguish, with enough contrast for text. */
export const COLORS = {
  blue: '#1f5fa8',
  orange: '#b3541e',
  green: '#0b6e4f',
  grey: '#5c6570',
  ink: '#1d2329',
  grid: '#dfe3e8',
};

export type Axis = {
  name: string;
  low: number;
  high: number;
  marks: readonly (readonly [at: number, text: string])[];
  isLog?: boolean;
};

export type PlotSettings = { title: string; note?: string; x: Axis; y: Axis };
export type Point = readonly [x: number, y: number];
export type Stroke = { color: string; width?: number; dash?: string };

/** What is drawn, and the figures that the text beside it may name. */
export type Drawn = { svg: string; figures: string[] };

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

const shareOf = ({ low, high, isLog }: Axis, value: number): number =>
  isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

/** One plot, to which lines, bands, dots and texts are added in the units of its axes. */
export class Plot {
  readonly #settings: PlotSettings;
  readonly #left: number;
  readonly #marks: string[] = [];

  constructor(settings: PlotSettings, place: 'left' | 'right') {
    this.#settings = settings;
    this.#left = place === 'left' ? MARGIN.left : MARGIN.left + PLOT_WIDTH + GAP;
  }

  #x(value: number): string {
    return rounded(this.#left + shareOf(this.#settings.x, value) * PLOT_WIDTH);
  }

  #y(value: number): string {
    return rounded(MARGIN.top + (1 - shareOf(this.#settings.y, value)) * PLOT_HEIGHT);
  }

  #points(points: readonly Point[]): string {
    return points.map(([x, y]) => `${this.#x(x)},${this.#y(y)}`).join(' ');
  }

  line(points: readonly Point[], { color, width = 2, dash }: Stroke): this {
    const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
    this.#marks.push(
      `<polyline points="${this.#points(points)}" fill="none" stroke="${color}" stroke-width="${width}"${dashes}/>`,
    );
    return this;
  }

  /** The area between a lower and an upper line over the same values of x. */
  band(
    points: readonly (readonly [x: number, low: number, high: number])[],
    color: string,
    opacity = PALE,
  ): this {
    const above = points.map(([x, , high]): Point => [x, high]);
    const below = points.map(([x, low]): Point => [x, low]).toReversed();
    this.#marks.push(
      `<polygon points="${this.#points([...above, ...below])}" fill="${color}" fill-opacity="${opacity}"/>`,
    );
    return this;
  }

  dots(points: readonly Point[], color: string, radius = 3): this {
    const circles = points.map(([x, y]) => `<circle cx="${this.#x(x)}" cy="${this.#y(y)}" r="${radius}"/>`);
    this.#marks.push(`<g fill="${color}">${circles.join('')}</g>`);
    return this;
  }

  /** A text at a point: to the right of it, or to its left, or centred on it. */
  text([x, y]: Point, text: string, color: string, anchor: 'start' | 'middle' | 'end' = 'start'): this {
    this.#marks.push(
      `<text x="${this.#x(x)}" y="${this.#y(y)}" fill="${color}" text-anchor="${anchor}">${escaped(text)}</text>`,
    );
    return this;
  }

  svg(): string {
    const { title, note = '', x, y } = this.#settings;
    const left = rounded(this.#left);
    const right = rounded(this.#left + PLOT_WIDTH);
    const bottom = HEIGHT - MARGIN.bottom;
    const middle = rounded(this.#left + PLOT_WIDTH / 2);
    const rows = y.marks.map(
      ([at, text]) =>
        `<line x1="${left}" x2="${right}" y1="${this.#y(at)}" y2="${this.#y(at)}" stroke="${COLORS.grid}"/>` +
        `<text x="${rounded(this.#left - MARKS_BESIDE)}" y="${this.#y(at)}" dy="${HALF_LETTER}" text-anchor="end">${escaped(text)}</text>`,
    );
    const columns = x.marks.map(
      ([at, text]) =>
        `<text x="${this.#x(at)}" y="${bottom + MARKS_BELOW}" text-anchor="middle">${escaped(text)}</text>`,
    );
    return [
      `<text x="${left}" y="28" font-size="15" font-weight="600">${escaped(title)}</text>`,
      `<text x="${left}" y="47" fill="${COLORS.grey}">${escaped(note)}</text>`,
      `<text x="${left}" y="72" fill="${COLORS.grey}">${escaped(y.name)}</text>`,
      ...rows,
      ...columns,
      `<text x="${middle}" y="${bottom + NAME_BELOW}" fill="${COLORS.grey}" text-anchor="middle">${escaped(x.name)}</text>`,
      ...this.#marks,
      `<line x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" stroke="${COLORS.grey}"/>`,
    ].join('\n');
  }
}

/** Two plots as an SVG file. */
export const pictureOf = (title: string, plots: readonly Plot[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="${COLORS.ink}" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>
${plots.map((plot) => plot.svg()).join('\n')}
</svg>
`;

/** Whole numbers with commas, such as 74,191. */
export const counted = (value: number): string => Math.round(value).toLocaleString('en');

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Numbers `from`, `from + step` and so on to `to`. */
export const steps = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
