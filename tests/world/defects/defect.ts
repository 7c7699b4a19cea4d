import type { Fault, Weather } from '../faults.ts';

/** Planted defects: what each of them changes, and what has to catch it. */

/** {@link Weather} as data that can be passed to another process. */
export type PlainWeather = readonly Fault[] | Exclude<Weather, ReadonlySet<Fault>>;

export const weatherOf = (plain: PlainWeather): Weather => ('rates' in plain ? plain : new Set(plain));

/** A text that stands in a file once, and what stands there instead while the defect is planted. */
export type Edit = { readonly search: string; readonly replacement: string };

/**
 * What has to catch a defect. `seeds`: one of the sales of the first `within` seeds breaks one of `invariants`. `workload`: the
 * scripted workload breaks one of them in this weather. `test`: the test file fails, for damage that no run of the world shows.
 */
export type Catcher =
  | { readonly kind: 'seeds'; readonly invariants: readonly string[]; readonly within: number }
  | {
      readonly kind: 'workload';
      readonly invariants: readonly string[];
      readonly workload: string;
      readonly weather: PlainWeather;
    }
  | {
      readonly kind: 'test';
      readonly file: string;
      /** Why no run of the world can show it. */
      readonly why: string;
    };

/** A catcher that runs the world, not a test file. */
export type WorldCatcher = Exclude<Catcher, { kind: 'test' }>;

/** One small mistake that somebody could make in one file. */
export type Defect = {
  readonly name: string;
  /** Its path from the project's root. */
  readonly file: string;
  readonly edits: readonly Edit[];
  /** What it breaks, in words. */
  readonly breaks: string;
  readonly caughtBy: Catcher;
};

/** A defect of one edit. */
export const defect = (
  name: string,
  [file, search, replacement]: readonly [file: string, search: string, replacement: string],
  breaks: string,
  caughtBy: Catcher,
): Defect => ({ name, file, edits: [{ search, replacement }], breaks, caughtBy });

/** Caught because one of the sales of the first `within` seeds breaks one of these invariants. */
export const bySeeds = (within: number, ...invariants: string[]): WorldCatcher => ({
  kind: 'seeds',
  invariants,
  within,
});

/** Caught by a test file; `why` says why no run of the world can show the defect. */
export const byTest = (file: string, why: string): Catcher => ({ kind: 'test', file, why });

export const byWorkload = (
  workload: string,
  weather: PlainWeather,
  ...invariants: string[]
): WorldCatcher => ({
  kind: 'workload',
  workload,
  weather,
  invariants,
});

/** A file's text with a defect in it. Throws if the text that an edit replaces does not stand there exactly once. */
export const planted = ({ name, file, edits }: Defect, source: string): string =>
  edits.reduce((text, { search, replacement }) => {
    const times = text.split(search).length - 1;
    if (times !== 1)
      throw new Error(`defect ${name}: expected its text once in ${file}, got ${times} times: ${search}`);
    // A function, because in a replacement text `$` has a meaning of its own.
    return text.replace(search, () => replacement);
  }, source);
