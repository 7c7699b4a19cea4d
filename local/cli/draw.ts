import { formatCount } from '#local/console/format.ts';
import { exportDrawOf } from '../operate/draws.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { runActions, show } from './actions.ts';
import { Mistake } from './options.ts';
import { EXIT_DONE } from './verb.ts';

export const DRAW_HELP = `Writes a draw of free orders that is over, so that anybody can verify it.

  zhihui draw export ID --to FILE.ndjson   the draw, and beside it FILE.published.ndjson: what was public while it ran
${TARGET_HELP}
  --json         print everything as JSON

zhihui verify --draw FILE.ndjson --published FILE.published.ndjson checks it, from these files alone.

Exit status: 0 done, 2 an option is wrong, there is no such campaign or pipeline, or the draw is not over.
`;

/** `zhihui draw` as a command. */
export const drawMain = (args: readonly string[]): Promise<number> =>
  runActions(
    DRAW_HELP,
    {
      export: {
        operands: ['ID'],
        texts: [...TARGET_TEXTS, 'to'],
        prepare: (given) => {
          const file = given.read.text('to');
          if (file === undefined) throw new Mistake('--to: expected a file, got nothing');
          return () =>
            withTarget(targetOptions(given.values), async (target) => {
              const exported = await exportDrawOf(target, given.operands[0]!, file);
              show(given, exported, [
                `${exported.file}: ${formatCount(exported.lines)} lines; ${exported.publishedFile}`,
              ]);
              return EXIT_DONE;
            });
        },
      },
    },
    args,
  );
