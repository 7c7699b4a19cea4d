/** The verb that erases members, and shows whether an erasure is complete. */

import { formatCount } from '#local/console/format.ts';
import { type ErasedMember, eraseMember, type ShownErasure, showErasure } from '../operate/erase-member.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Action, runActions, show } from './actions.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

const HELP = `Forgets a member, for good.

  zhihui members erase ID       erases a member: at once nothing more is given to it, and in a quarter of an hour its id is gone
                                from every table. Rejects that name it are deleted. docs/retention.md says what stays
  zhihui members erased ID      whether and when a member was erased, and whether its id is gone
${TARGET_HELP}
  --json         print everything as JSON

Exit status: 0 done, 1 it took longer than half a minute to take effect, or the member is not gone yet, 2 an option is wrong or
there is no such pipeline.
`;

const goneLine = ({ goneAt }: ShownErasure): string =>
  goneAt === undefined
    ? 'its id is still being removed from the tables; zhihui members erased ID says when that is done'
    : `its id has been gone from every table since ${goneAt}`;

const erasedLines = (erased: ErasedMember): string[] => [
  erased.isInEffect
    ? `the member has been erased since ${erased.erasedAt}: nothing more is given to it`
    : 'the event was sent, but has not taken effect yet',
  goneLine(erased),
  `${formatCount(erased.rejectsDeleted)} rejects that named it were deleted`,
];

const ACTIONS: Readonly<Record<string, Action>> = {
  erase: {
    operands: ['ID'],
    texts: TARGET_TEXTS,
    prepare: (given) => () =>
      withTarget(targetOptions(given.values), async (target) => {
        const erased = await eraseMember(target, given.operands[0]!);
        show(given, erased, erasedLines(erased));
        return erased.isInEffect ? EXIT_DONE : EXIT_FAILED;
      }),
  },
  erased: {
    operands: ['ID'],
    texts: TARGET_TEXTS,
    prepare: (given) => () =>
      withTarget(targetOptions(given.values), async (target) => {
        const shown = await showErasure(target, given.operands[0]!);
        show(
          given,
          shown,
          shown.erasedAt === undefined
            ? ['the member was not erased']
            : [`the member has been erased since ${shown.erasedAt}`, goneLine(shown)],
        );
        return shown.goneAt === undefined ? EXIT_FAILED : EXIT_DONE;
      }),
  },
};

/** `zhihui members` as a command. */
export const membersMain = (args: readonly string[]): Promise<number> => runActions(HELP, ACTIONS, args);
