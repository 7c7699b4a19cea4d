import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '#local/console/printable.ts';
import { interruptible } from '#local/console/signals.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { lookLine, looksAt } from '../operate/tail.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { runOne } from './actions.ts';
import { EXIT_DONE } from './verb.ts';

const DEFAULT_EVERY_SECONDS = 5;
const EVERY = { min: 1, max: 3_600, whole: false };
const LOOKS = { min: 1, max: 1_000_000, whole: true };

export const TAIL_HELP = `Shows a sale's figures as they come, a line each time, until Ctrl-C. The times are UTC.

  zhihui tail [CAMPAIGN] [--every S] [--looks N]
${TARGET_HELP}
  CAMPAIGN       (default: the one that the live screen shows)
  --every S      seconds from look to look (default: ${DEFAULT_EVERY_SECONDS}); each costs as much as a look at the screen
  --looks N      end after this many looks (default: only at Ctrl-C)
  --json         a line of JSON each time, amounts in fen

Exit status: 0 done or stopped, 2 an option is wrong or there is no such campaign or pipeline.
`;

/** `zhihui tail` as a command. */
export const tailMain = (args: readonly string[]): Promise<number> =>
  runOne(
    TAIL_HELP,
    {
      operands: ['[CAMPAIGN]'],
      texts: [...TARGET_TEXTS, 'every', 'looks'],
      prepare: ({ values, read, operands }) => {
        const everyMs = (read.number('every', EVERY) ?? DEFAULT_EVERY_SECONDS) * SECOND_MS;
        const most = read.number('looks', LOOKS) ?? Number.POSITIVE_INFINITY;
        return () =>
          withTarget(targetOptions(values), (target) =>
            interruptible(async (signal) => {
              let looks = 0;
              const goesOn = async (restMs: number): Promise<boolean> => {
                looks++;
                if (looks < most) await sleep(restMs, undefined, { signal }).catch(() => {});
                return looks < most && !signal.aborted;
              };
              for await (const look of looksAt(target, operands[0], everyMs, goesOn)) {
                process.stdout.write(
                  `${read.flag('json') ? JSON.stringify(look) : printable(lookLine(look))}\n`,
                );
              }
              return EXIT_DONE;
            }),
          );
      },
    },
    args,
  );
