import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Settings } from '#lib/settings.ts';
import { createApp } from '#lib/synth.ts';

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'zhihui-rules-'));
});
afterEach(() => rmSync(outDir, { recursive: true }));

/** The app as `cdk synth` checks it. lib/ states the reason for each rule that it does not follow. */
const checkedApp = (settings: Partial<Settings> = {}) =>
  createApp({ code: (functionName) => Code.fromInline(functionName), outDir, validate: true, settings });

/** Compiling CloudFormation's schemas takes 3 s of an idle core, so a busy machine gets more than a unit test's time. */
const VALIDATION_TIMEOUT_MS = 120_000;

it.each([false, true])(
  'the template breaks no rule without a stated reason, and it fits the schemas of CloudFormation (with a key of the account: %s)',
  {
    timeout: VALIDATION_TIMEOUT_MS,
  },
  (hasCustomerKey) => {
    checkedApp({ hasCustomerKey }).app.synth();
    const report = JSON.parse(readFileSync(join(outDir, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
  },
);

it('one queue that accepts requests without TLS makes the synthesis fail', {
  timeout: VALIDATION_TIMEOUT_MS,
}, () => {
  const { app, stack } = checkedApp();
  new Queue(stack, 'Careless');
  expect(() => app.synth()).toThrow('AwsSolutions-SQS4');
});
