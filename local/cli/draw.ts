import { formatCount } from '#local/console/format.ts';
import { exportDrawOf, openExported, type PublishedDraw, publishDraw } from '../operate/draws.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { verifyExport } from '../verify.ts';
import { type Action, runActions, show } from './actions.ts';
import { Mistake } from './options.ts';
import { EXIT_DONE } from './verb.ts';

export const DRAW_HELP = `Publishes a draw of free orders, so that anybody can verify it.

  zhihui draw publish ID                  stores the public facts of the draw in the bucket of the pipeline, and its export once it
                                          is over. A pipeline does so by itself; this command waits until both are stored
  zhihui draw publish ID --anew           exports a draw that is over again, with the refunds until now
  zhihui draw export ID --to FILE.ndjson  fetches the last export, and writes what was published beside it, FILE.published.ndjson
  zhihui draw verify ID                   checks the last export in the bucket against what was published with it
${TARGET_HELP}
  --json         print everything as JSON

The bucket lets nobody in from outside of the account: give others copies of these objects, and of the published facts already
when the campaign opens. zhihui verify --draw FILE.ndjson --published FILE.published.ndjson checks a draw from these files alone.

Exit status: 0 done, 1 the draw is not verified, 2 an option is wrong, there is no such campaign or pipeline, or the draw is not over.
`;

const linesOf = (draw: PublishedDraw): string[] => [
  `published   s3://${draw.bucket}/${draw.published}`,
  `commitment  ${draw.seedCommitment}`,
  ...(draw.slots === 0
    ? []
    : [`statements  ${formatCount(draw.closed)} of ${formatCount(draw.slots)} slots`]),
  ...(draw.export === undefined
    ? ['export      none yet, because the draw is not over']
    : [`export      s3://${draw.bucket}/${draw.export}`, `root        ${draw.root}`]),
];

const publish: Action = {
  operands: ['ID'],
  texts: TARGET_TEXTS,
  flags: ['anew'],
  prepare: (given) => () =>
    withTarget(targetOptions(given.values), async (target) => {
      const published = await publishDraw(target, given.operands[0]!, given.read.flag('anew'));
      show(given, published, linesOf(published));
      return EXIT_DONE;
    }),
};

const exportTo: Action = {
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
};

const verify: Action = {
  operands: ['ID'],
  texts: TARGET_TEXTS,
  prepare: (given) => () =>
    withTarget(targetOptions(given.values), async (target) => {
      const { name, chunks, published } = await openExported(target, given.operands[0]!);
      return verifyExport(chunks, name, published, given.read.flag('json'));
    }),
};

/** `zhihui draw` as a command. */
export const drawMain = (args: readonly string[]): Promise<number> =>
  runActions(DRAW_HELP, { publish, export: exportTo, verify }, args);
