import { parseTime } from '#events/contract.ts';
import { formatCount } from '#local/console/format.ts';
import { exportFigures, FIGURES } from '../operate/figures.ts';
import { type NamedRow, rebuildCampaign } from '../operate/rebuild.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Given, runActions, show } from './actions.ts';
import { checkExport, EXPORT_FLAGS, EXPORT_HELP, EXPORT_TEXTS, exportLines } from './exported.ts';
import { Mistake, optional } from './options.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

const METRICS_HELP = `Exports a campaign's figures, or rebuilds damaged rows of them from their events.

  zhihui metrics export CAMPAIGN [--of brands|stores|curve] [--to FILE] [--csv]
  zhihui metrics rebuild CAMPAIGN [--from TIME] [--until TIME]
${TARGET_HELP}
  --of KIND      export: each brand, each store of near orders, or the curve (default: brands)
${EXPORT_HELP}  --from TIME    rebuild: looks at windows from this time on (default: the campaign's start)
  --until TIME   rebuild: looks at windows that begin before this time (default: the campaign's end)

Exit status: 0 every row is right, 1 some stay as they are because their events have expired, 2 an option is wrong or there is no
such campaign or pipeline.
`;

const timeOf = ({ read }: Given, name: string): number | undefined => {
  const text = read.text(name);
  if (text === undefined) return undefined;
  const timeMs = parseTime(text);
  if (timeMs === undefined)
    throw new Mistake(`--${name}: expected a time such as 2026-11-10T16:00:00Z, got ${JSON.stringify(text)}`);
  return timeMs;
};

const lineOf = ({ level, window, shard }: NamedRow): string =>
  `level ${level}, window ${window}, shard ${shard}`;

const rebuild = (given: Given): (() => Promise<number>) => {
  const span = {
    ...optional('fromMs', timeOf(given, 'from')),
    ...optional('untilMs', timeOf(given, 'until')),
  };
  return () =>
    withTarget(targetOptions(given.values), async (target) => {
      const rebuilt = await rebuildCampaign(target, given.operands[0]!, span);
      const { windows, mended, expired } = rebuilt;
      show(given, rebuilt, [
        `${formatCount(windows)} windows looked at, ${formatCount(mended.length)} rows made again`,
        ...mended.map((row) => `made again: ${lineOf(row)}`),
        ...expired.map((row) => `left as it is, because its events have expired: ${lineOf(row)}`),
      ]);
      return expired.length === 0 ? EXIT_DONE : EXIT_FAILED;
    });
};

const exported = (given: Given): (() => Promise<number>) => {
  const kind = given.read.oneOf('of', Object.keys(FIGURES)) ?? 'brands';
  checkExport(given);
  return () =>
    withTarget(targetOptions(given.values), async (target) => {
      const lines = await exportFigures(target, given.operands[0]!, kind);
      await exportLines(given, kind === 'curve' ? 'points' : kind, FIGURES[kind]!.columns, lines);
      return EXIT_DONE;
    });
};

/** `zhihui metrics` as a command. */
export const metricsMain = (args: readonly string[]): Promise<number> =>
  runActions(
    METRICS_HELP,
    {
      export: {
        operands: ['CAMPAIGN'],
        texts: [...TARGET_TEXTS, ...EXPORT_TEXTS, 'of'],
        flags: EXPORT_FLAGS,
        prepare: exported,
      },
      rebuild: { operands: ['CAMPAIGN'], texts: [...TARGET_TEXTS, 'from', 'until'], prepare: rebuild },
    },
    args,
  );
