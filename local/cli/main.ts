/** The command `zhihui`: finds the verb and runs it. */
import { printable } from '#local/console/printable.ts';
import { EXIT_DONE, EXIT_MISTAKE } from './verb.ts';

type Verb = { about: string; load: () => Promise<(args: readonly string[]) => number | Promise<number>> };

/** What the command can do. Each verb is loaded only when it is used, because some of them load a whole pipeline. */
const VERBS: Readonly<Record<string, Verb>> = {
  start: {
    about: 'run the whole pipeline on this machine: a simulated sale, or your own events, orders or campaign',
    load: async () => (await import('../start-command.ts')).start,
  },
  import: {
    about: 'look at a file of orders, and say how it is read',
    load: async () => (await import('../import/main.ts')).importMain,
  },
  plan: {
    about: 'plan who gets which coupon within a budget',
    load: async () => (await import('../plan.ts')).planMain,
  },
  verify: {
    about: 'check an exported draw of free orders',
    load: async () => (await import('../verify.ts')).verifyMain,
  },
  campaign: {
    about: 'init, validate, plan, open, list, show, pause, resume, ceiling, extend and close campaigns',
    load: async () => (await import('./campaign.ts')).campaignMain,
  },
  rejects: {
    about: 'list, show and redrive what was refused',
    load: async () => (await import('./rejects.ts')).rejectsMain,
  },
  'dead-letters': {
    about: 'list and redrive what functions gave up on',
    load: async () => (await import('./operations.ts')).deadLettersMain,
  },
  member: {
    about: 'show ID: what is known of a member, and why each grant was given',
    load: async () => (await import('./operations.ts')).memberMain,
  },
  members: {
    about: 'erase a member for good, and say whether that is done',
    load: async () => (await import('./members.ts')).membersMain,
  },
  grants: {
    about: 'export every grant',
    load: async () => (await import('./operations.ts')).grantsMain,
  },
  decisions: {
    about: 'export the engine’s decisions, with their probabilities and outcomes',
    load: async () => (await import('./decisions.ts')).decisionsMain,
  },
  metrics: {
    about: 'export figures, and rebuild damaged rows of figures from their events',
    load: async () => (await import('./metrics.ts')).metricsMain,
  },
  send: {
    about: 'send a file of events',
    load: async () => (await import('./operations.ts')).sendMain,
  },
  draw: {
    about: 'publish, export and verify draws of free orders',
    load: async () => (await import('./draw.ts')).drawMain,
  },
  tail: {
    about: 'show a sale’s figures as they come',
    load: async () => (await import('./tail.ts')).tailMain,
  },
  doctor: {
    about: 'list what needs attention, and what to do; --preflight checks an account before a deployment',
    load: async () => (await import('./doctor.ts')).doctorMain,
  },
};

const USAGE = `usage: zhihui VERB [options]

${Object.entries(VERBS)
  .map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  .join('\n')}

zhihui VERB --help lists the options of a verb. Every verb has --json.
`;

/** The command: runs the verb and returns its exit status; 2 if there is no such verb. */
const zhihui = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(USAGE);
    return EXIT_DONE;
  }
  const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) {
    const given = name === undefined ? 'nothing' : JSON.stringify(name);
    const verbs = Object.keys(VERBS).join(', ');
    process.stderr.write(`error: expected one of the verbs ${verbs}, got ${printable(given)}\n\n${USAGE}`);
    return EXIT_MISTAKE;
  }
  return (await verb.load())(args);
};

process.exitCode = await zhihui(process.argv.slice(2));
