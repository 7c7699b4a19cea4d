/** The options of `npm run offpolicy`. */
import { Command, Option } from 'commander';
import { givenOptions } from '../cli/given-options.ts';
import type { Policy } from './decision-line.ts';

export type OffPolicyOptions = { log: string; policy: Policy; report: string | undefined };

export type ParsedOffPolicyOptions =
  | { kind: 'run'; options: OffPolicyOptions }
  | { kind: 'help'; text: string }
  | { kind: 'mistake'; message: string };

const command = (): Command =>
  new Command('npm run offpolicy --')
    .description(
      'What another policy would have been worth, from logged decisions whose probabilities are known. docs/learning.md has the form of the log.',
    )
    .requiredOption('--log <file>', 'decisions as NDJSON, one per line')
    .addOption(
      new Option(
        '--policy <name>',
        'greedy: the largest predicted reward. uniform: every feasible action equally. target: the target of each action',
      )
        .choices(['greedy', 'uniform', 'target'])
        .default('greedy'),
    )
    .option('--action <name>', 'instead of a policy: this action if it is feasible, else the logged one')
    .option('--report <file>', 'write the figures as JSON')
    .allowExcessArguments(false);

/** Parses the arguments after the script's name. */
export const parseOffPolicyOptions = (args: readonly string[]): ParsedOffPolicyOptions => {
  const program = command();
  const parsed = givenOptions(program, args);
  if (parsed.kind !== 'given') return parsed;
  const { log, policy, action, report } = parsed.options;
  if (action !== undefined && program.getOptionValueSource('policy') === 'cli') {
    return { kind: 'mistake', message: '--action: expected only without --policy, got both' };
  }
  return {
    kind: 'run',
    options: { log, report, policy: action === undefined ? { kind: policy } : { kind: 'action', action } },
  };
};
