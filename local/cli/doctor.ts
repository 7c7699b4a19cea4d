import { DEFAULT_DEMAND } from '#domain/capacity/demand.ts';
import { DEFAULT_STAGE, STAGES } from '#lib/stages/index.ts';
import { formatCount } from '#local/console/format.ts';
import { examine } from '../operate/doctor.ts';
import { type Check, preflight } from '../operate/preflight.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Given, runOne, show } from './actions.ts';
import { Mistake, type Range } from './options.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

const HELP = `Looks at queues, rejects, dead letters, campaigns, budgets and the completeness of figures, and says what to do.

  zhihui doctor
  zhihui doctor --preflight   before a deployment: compares an AWS account's quotas with what the stack may ask of it
    --stage NAME              the stage to deploy: ${Object.keys(STAGES).join(', ')} (default ${DEFAULT_STAGE})
    --peak N                  orders a second at the peak of the sale (default ${DEFAULT_DEMAND.ordersPerSecond})
    --brands N, --members N   brands that sell, members who may order (default ${DEFAULT_DEMAND.brands} and ${DEFAULT_DEMAND.members})
${TARGET_HELP}
  --json         print everything as JSON

Exit status: 0 all is well, 1 something needs looking after, 2 an option is wrong or there is no such pipeline.
`;

const COUNT: Range = { min: 1, max: 1e12, whole: true };
const PEAK: Range = { min: 0.001, max: 1e9, whole: false };
const PREFLIGHT_TEXTS = ['stage', 'peak', 'brands', 'members'];

const checkLines = ({ what, asked, allowed, unit, advice }: Check): string[] => [
  `${what}: ${formatCount(Math.ceil(asked))} ${unit} of ${formatCount(allowed)}`,
  ...(advice === undefined ? [] : [`  ${advice}`]),
];

const checkAccount = async (given: Given): Promise<number> => {
  const { read } = given;
  const demand = {
    ...DEFAULT_DEMAND,
    ordersPerSecond: read.number('peak', PEAK) ?? DEFAULT_DEMAND.ordersPerSecond,
    brands: read.number('brands', COUNT) ?? DEFAULT_DEMAND.brands,
    members: read.number('members', COUNT) ?? DEFAULT_DEMAND.members,
  };
  const report = await preflight(read.oneOf('stage', Object.keys(STAGES)) ?? DEFAULT_STAGE, demand);
  const isEnough = report.checks.every(({ advice }) => advice === undefined);
  show(given, report, [
    `stack ${report.stackName} in ${report.region}, for ${formatCount(Math.ceil(demand.ordersPerSecond))} orders a second`,
    ...report.checks.flatMap(checkLines),
    isEnough ? 'the quotas are enough' : 'ask for more before the sale',
  ]);
  return isEnough ? EXIT_DONE : EXIT_FAILED;
};

const examineRun = (given: Given): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const findings = await examine(target);
    const lines = findings.flatMap(({ subject, finding, advice }) => [
      `${subject}: ${finding}`,
      `  ${advice}`,
    ]);
    show(given, findings, lines.length === 0 ? [`${target.name}: all is well`] : lines);
    return findings.length === 0 ? EXIT_DONE : EXIT_FAILED;
  });

/** Refuses options that have no effect in this mode, instead of ignoring them. */
const checkMode = ({ read, values }: Given): void => {
  const isPreflight = read.flag('preflight');
  const idle = (isPreflight ? TARGET_TEXTS : PREFLIGHT_TEXTS).find((name) => values[name] !== undefined);
  if (idle !== undefined)
    throw new Mistake(`--${idle}: expected only ${isPreflight ? 'without' : 'with'} --preflight`);
};

/** `zhihui doctor` as a command. */
export const doctorMain = (args: readonly string[]): Promise<number> =>
  runOne(
    HELP,
    {
      texts: [...TARGET_TEXTS, ...PREFLIGHT_TEXTS],
      flags: ['preflight'],
      prepare: (given) => {
        checkMode(given);
        return () => (given.read.flag('preflight') ? checkAccount(given) : examineRun(given));
      },
    },
    args,
  );
