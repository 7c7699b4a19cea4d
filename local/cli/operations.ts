/** The verbs that show the state of a pipeline and repair it: dead-letters, grants, member and send. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { formatCount, formatFen, formatTable } from '#local/console/format.ts';
import { printable } from '#local/console/printable.ts';
import { listDeadLetters, redriveDeadLetters } from '../operate/dead-letters.ts';
import { allGrants, GRANT_COLUMNS } from '../operate/grants.ts';
import { type ShownGrant, type ShownMember, showMember } from '../operate/members.ts';
import { producerOf } from '../operate/send-events.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { sizeOf, spreadValues } from '../replay/input.ts';
import type { JsonValue } from '../replay/sources/json-values.ts';
import { type Action, type Given, runActions, runOne, show } from './actions.ts';
import { checkExport, EXPORT_FLAGS, EXPORT_HELP, EXPORT_TEXTS, exportLines } from './exported.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

const JSON_HELP = '  --json         print everything as JSON\n';

const DEAD_LETTERS_HELP = `What functions gave up on, and what to do about it.

  zhihui dead-letters list [QUEUE]      which queues have dead letters, and how old they are
  zhihui dead-letters redrive [QUEUE]   puts them back into their queues, once their cause is mended
${TARGET_HELP}
${JSON_HELP}
Exit status: 0 done, 2 an option is wrong or there is no such queue or pipeline.
`;

const DEAD_LETTERS: Readonly<Record<string, Action>> = {
  list: {
    operands: ['[QUEUE]'],
    texts: TARGET_TEXTS,
    prepare: (given) => () =>
      withTarget(targetOptions(given.values), async (target) => {
        const lists = await listDeadLetters(target, given.operands[0]);
        const rows = lists.map(({ queue, messages, oldestSentAt }) => [
          queue,
          formatCount(messages),
          oldestSentAt ?? '',
        ]);
        const lines =
          rows.length === 0 ? ['no dead letters'] : formatTable([['queue', 'messages', 'oldest'], ...rows]);
        show(given, lists, lines);
        return EXIT_DONE;
      }),
  },
  redrive: {
    operands: ['[QUEUE]'],
    texts: TARGET_TEXTS,
    prepare: (given) => () =>
      withTarget(targetOptions(given.values), async (target) => {
        const redriven = await redriveDeadLetters(target, given.operands[0]);
        const lines = redriven.map(({ queue, messages }) => `${queue}: ${formatCount(messages)} put back`);
        show(given, redriven, lines.length === 0 ? ['no dead letters'] : lines);
        return EXIT_DONE;
      }),
  },
};

/** `zhihui dead-letters` as a command. */
export const deadLettersMain = (args: readonly string[]): Promise<number> =>
  runActions(DEAD_LETTERS_HELP, DEAD_LETTERS, args);

const GRANTS_HELP = `Writes every grant, or those of one campaign, to a file or to standard output.

  zhihui grants export [--campaign ID] [--to FILE] [--csv]
${TARGET_HELP}
  --campaign ID  those of this campaign only
${EXPORT_HELP}
Exit status: 0 done, 2 an option is wrong or there is no such pipeline.
`;

const exportGrants = (given: Given): Promise<number> => {
  checkExport(given);
  return withTarget(targetOptions(given.values), async (target) => {
    await exportLines(given, 'grants', GRANT_COLUMNS, allGrants(target, given.read.text('campaign')));
    return EXIT_DONE;
  });
};

/** `zhihui grants` as a command. */
export const grantsMain = (args: readonly string[]): Promise<number> =>
  runActions(
    GRANTS_HELP,
    {
      export: {
        texts: [...TARGET_TEXTS, ...EXPORT_TEXTS, 'campaign'],
        flags: EXPORT_FLAGS,
        prepare: (given) => () => exportGrants(given),
      },
    },
    args,
  );

const MEMBER_HELP = `Shows what is known of a member: profile, arms, grants, and why each of them was given.

  zhihui member show ID
${TARGET_HELP}
${JSON_HELP}
Exit status: 0 done, 2 an option is wrong or there is no such member or pipeline.
`;

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

const grantLines = ({ reason, scores, grantedTo, isOfPresale, trigger, ...grant }: ShownGrant): string[] => {
  const { arm, propensity, price } = reason as { arm?: string; propensity?: number; price?: number };
  const why = [
    arm === undefined ? undefined : `${arm}'s choice`,
    propensity === undefined ? undefined : `with probability ${propensity}`,
    price === undefined ? undefined : `at a price of ${price} a fen`,
  ].filter((part) => part !== undefined);
  return [
    `  ${grant.kind} ${grant.id}: ${grant.offer}, ${formatFen(grant.faceFen)}, ${grant.state}, of campaign ${grant.campaignId}`,
    `    granted ${grantedTo === undefined ? '' : `to ${grantedTo} `}${grant.grantedAt} ${isOfPresale ? 'in the presale' : `for event ${trigger}`}, expires ${grant.expiresAt}`,
    ...(why.length === 0 ? [] : [`    why: ${why.join(', ')}`]),
    ...(scores === undefined
      ? []
      : [
          `    chance to order: ${rounded(scores.none)} without a coupon; ${Object.entries(scores.offers)
            .map(([offer, { pConvert, sigma }]) => `${rounded(pConvert)} ± ${rounded(sigma)} with ${offer}`)
            .join('; ')}`,
        ]),
  ];
};

const memberLines = ({
  member,
  tier,
  firstOrderAt,
  lastOrderAt,
  features,
  arms,
  grants,
  askedFor,
  aliases = [],
}: ShownMember): string[] => [
  `member ${member}: ${tier === '' ? 'no tier' : `tier ${tier}`}, ${
    firstOrderAt === undefined ? 'no order yet' : `first order ${firstOrderAt}, last order ${lastOrderAt}`
  }`,
  ...(askedFor ? [`  ${askedFor.alias} is an alias of it, linked at ${askedFor.linkedAt}`] : []),
  ...(aliases.length === 0 ? [] : [`  aliases: ${aliases.join(', ')}`]),
  '  remembered orders, the weight of each halved in each half-life:',
  ...formatTable([
    ['half-life', 'orders', 'paid'],
    ...features.halfLivesDays.map((days, i) => [
      `${formatCount(days)} d`,
      features.orders[i]!.toFixed(2),
      formatFen(Math.round(features.spendFen[i]!)),
    ]),
  ]).map((line) => `    ${line}`),
  `  near orders ${Math.round(100 * features.nearShare)} %, refunded ${Math.round(100 * features.refundedShare)} %`,
  ...Object.entries(arms).map(([campaignId, arm]) => `  arm in campaign ${campaignId}: ${arm}`),
  ...(grants.length === 0 ? ['  no grants'] : grants.flatMap(grantLines)),
];

/** `zhihui member` as a command. */
export const memberMain = (args: readonly string[]): Promise<number> =>
  runActions(
    MEMBER_HELP,
    {
      show: {
        operands: ['ID'],
        texts: TARGET_TEXTS,
        prepare: (given) => () =>
          withTarget(targetOptions(given.values), async (target) => {
            const shown = await showMember(target, given.operands[0]!);
            show(given, shown, memberLines(shown));
            return EXIT_DONE;
          }),
      },
    },
    args,
  );

const SEND_HELP = `Sends each CloudEvent of a file to its queue: orders and refunds, openings, pauses, tiers. The file has an event in each line, an
array, or one event after another.

  zhihui send FILE
${TARGET_HELP}
${JSON_HELP}
Exit status: 0 every event was taken, 1 some events were not taken, and each is named, 2 an option is wrong or there is no such file or pipeline.
`;

/** How many events are in memory at a time, at most. */
const EVENTS_AT_ONCE = 10_000;

const sendFile = (given: Given): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const [file] = given.operands as [string];
    const producer = producerOf(target);
    const unsent: { line: number; kind: string; message: string }[] = [];
    let sent = 0;
    let events: { line: number; event: unknown }[] = [];
    const flush = async (): Promise<void> => {
      const report = await producer.send(events.map(({ event }) => event));
      sent += report.sent;
      for (const one of report.unsent) {
        const message = one.kind === 'refused' ? one.rejection.message : String(one.cause);
        unsent.push({ line: events[one.index]!.line, kind: one.kind, message });
      }
      events = [];
    };
    for await (const { text, line } of valuesOf(file)) {
      try {
        events.push({ line, event: JSON.parse(text) });
      } catch (cause) {
        unsent.push({ line, kind: 'refused', message: (cause as Error).message });
      }
      if (events.length === EVENTS_AT_ONCE) await flush();
    }
    await flush();
    for (const one of unsent) process.stderr.write(`${file}: line ${one.line}: ${printable(one.message)}\n`);
    show(given, { file, sent, unsent }, [
      `${formatCount(sent)} events sent, ${formatCount(unsent.length)} not`,
    ]);
    return unsent.length === 0 ? EXIT_DONE : EXIT_FAILED;
  });

/**
 * The JSON texts of a file, each with the number of the line on which it begins, counted from 1. The file has one text in each
 * line, an array of them, or texts that each span several lines.
 */
const valuesOf = async function* (file: string): AsyncGenerator<JsonValue> {
  const spread = await spreadValues(file, await sizeOf(file, ''), file);
  if (spread !== undefined) return yield* spread;
  let line = 0;
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const text of lines) {
    line++;
    if (text.trim() !== '') yield { text, line };
  }
};

/** `zhihui send` as a command. */
export const sendMain = (args: readonly string[]): Promise<number> =>
  runOne(
    SEND_HELP,
    { operands: ['FILE'], texts: TARGET_TEXTS, prepare: (given) => () => sendFile(given) },
    args,
  );
