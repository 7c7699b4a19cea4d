import { formatCount } from '#local/console/format.ts';
import { DECISION_COLUMNS, exportDecisions, type LeftOut } from '../operate/decisions.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { runActions } from './actions.ts';
import { checkExport, EXPORT_FLAGS, EXPORT_HELP, EXPORT_TEXTS, exportLines } from './exported.ts';
import { EXIT_DONE } from './verb.ts';

export const DECISIONS_HELP = `Writes the engine's decisions of a campaign: from which offers it chose, with which probabilities, and whether the coupon was used.

  zhihui decisions export CAMPAIGN [--open] [--to FILE] [--csv]
${TARGET_HELP}
  --open         also those whose coupon may still be used, with their present outcome
${EXPORT_HELP}
npm run offpolicy -- --log FILE says what another choice would have been worth.

Exit status: 0 done, 2 an option is wrong or there is no such campaign or pipeline.
`;

const leftOutText = ({ notChosen, unknown, open }: LeftOut): string =>
  `left out: ${formatCount(open)} that may still be used, ${formatCount(notChosen)} that the engine did not choose, ${formatCount(unknown)} of an older version`;

/** `zhihui decisions` as a command. */
export const decisionsMain = (args: readonly string[]): Promise<number> =>
  runActions(
    DECISIONS_HELP,
    {
      export: {
        operands: ['CAMPAIGN'],
        texts: [...TARGET_TEXTS, ...EXPORT_TEXTS],
        flags: [...EXPORT_FLAGS, 'open'],
        prepare: (given) => {
          checkExport(given);
          return () =>
            withTarget(targetOptions(given.values), async (target) => {
              const { lines, leftOut } = await exportDecisions(
                target,
                given.operands[0]!,
                given.read.flag('open'),
              );
              await exportLines(given, 'decisions', DECISION_COLUMNS, lines);
              process.stderr.write(`${leftOutText(leftOut)}\n`);
              return EXIT_DONE;
            });
        },
      },
    },
    args,
  );
