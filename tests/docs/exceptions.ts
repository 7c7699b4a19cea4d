/** Commands of the pages that no test runs or parses, with the reason. A pattern that matches no command fails a test. */
export const EXCEPTIONS: readonly { pattern: RegExp; reason: string }[] = [
  { pattern: /^git clone /, reason: 'the address of the repository differs from reader to reader' },
  { pattern: /^npm run cdk -- /, reason: 'needs an AWS account; tests/lib synthesizes the same stack' },
  {
    pattern: /\bdoctor --preflight\b/,
    reason: 'needs an AWS account; tests/local/operate/preflight.e2e.test.ts runs it on a stub of one',
  },
  {
    pattern: /^aws dynamodb /,
    reason: 'needs an AWS account; tests/docs/restore-drill.sim.test.ts plays the drill',
  },
  { pattern: /\baws sqs /, reason: 'tests/local/wire-protocols.e2e.test.ts runs what the terminal prints' },
  { pattern: /^npm test$/, reason: 'is the command that runs this test' },
  {
    pattern: /^(?:npm start|npm exec zhihui -- start|zhihui start --data night)$/,
    reason: 'tests/local/demo/demo.alone.test.ts runs it',
  },
  { pattern: /^npx vitest run PATH$/, reason: 'stands for every test file' },
  { pattern: /^zhihui VERB /, reason: 'stands for every verb; each verb’s own help is read' },
  { pattern: /…|\.\.\./, reason: 'is shortened; its full form stands elsewhere' },
];

/** Commands that take over 30 s. A test checks that they exist, and `npm run docs:all` runs them. */
export const LONG: readonly RegExp[] = [
  /^npm run (?:simulate|defects|mutation|fuzz|chaos|screenshots|capacity:measure|docs:pictures)$/,
  /^npm run node -- tests\/bench\//,
  /^npx vitest run /,
];
