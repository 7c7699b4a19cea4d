/** The command behind `npm run evaluate`. */
import { renameSync, writeFileSync } from 'node:fs';
import { printable } from '#local/console/printable.ts';
import { Mistake } from '../cli/options.ts';
import { drawCurves } from './curve-svg.ts';
import { evaluate } from './evaluate.ts';
import { figuresOf } from './figures.ts';
import { type EvaluateOptions, parseEvaluateOptions } from './options.ts';
import { progressOn } from './progress.ts';
import { reportJson, reportLines } from './report.ts';

const EXIT_FAILED = 1;
const EXIT_MISTAKE = 2;

/** `report.json` → `report.svg`. */
const curveFile = (report: string): string => `${report.replace(/\.json$/i, '')}.svg`;

/** Writes a file under a temporary name and renames it when it is complete. */
const write = (path: string, content: string): void => {
  try {
    writeFileSync(`${path}.partial`, content);
    renameSync(`${path}.partial`, path);
  } catch (cause) {
    throw new Mistake(
      `--report: expected a file that can be written, got ${path} (${(cause as Error).message})`,
      { cause },
    );
  }
};

const run = async (options: EvaluateOptions): Promise<void> => {
  const progress = progressOn(process.stderr, () => performance.now());
  const evaluation = await evaluate(options, progress).finally(progress.done);
  const figures = figuresOf(evaluation, options);
  process.stdout.write(`${reportLines(evaluation, figures, options).map(printable).join('\n')}\n`);
  if (options.report === undefined) {
    process.stdout.write('--report FILE.json keeps all figures, and draws the curves to FILE.svg.\n');
    return;
  }
  write(options.report, reportJson(evaluation, figures, options));
  write(curveFile(options.report), drawCurves(figures, options));
  process.stdout.write(`Figures: ${options.report}. Curves: ${curveFile(options.report)}.\n`);
};

/** Runs the command and returns its exit status: 0 done, 1 failed, 2 an option or a file cannot be used. */
export const main = async (args: readonly string[]): Promise<number> => {
  const parsed = parseEvaluateOptions(args);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(parsed.text);
      return 0;
    case 'mistake':
      process.stderr.write(`error: ${printable(parsed.message)}\n`);
      return EXIT_MISTAKE;
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  try {
    await run(parsed.options);
    return 0;
  } catch (error) {
    process.stderr.write(`error: ${printable(error instanceof Error ? error.message : String(error))}\n`);
    return error instanceof Mistake ? EXIT_MISTAKE : EXIT_FAILED;
  }
};
