import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createApp } from '#lib/synth.ts';

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), 'zhihui-rules-'));
});
afterEach(() => rmSync(outDir, { recursive: true }));

/** The app under the AWS Solutions and Serverless rules. For each rule that lib/ does not follow, it states the reason. */
const checkedApp = (validate: boolean) => {
  const { app, stack } = createApp({
    code: (functionName) => Code.fromInline(functionName),
    outDir,
    validate,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, stack };
};

/** Compiling CloudFormation's schemas takes 3 s of an idle core, so a busy machine gets more than a unit test's time. */
const VALIDATION_TIMEOUT_MS = 120_000;

it('the template breaks no rule, and no schema of CloudFormation', {
  timeout: VALIDATION_TIMEOUT_MS,
}, () => {
  checkedApp(true).app.synth();
  const report = JSON.parse(readFileSync(join(outDir, 'validation-report.json'), 'utf8'));
  expect(report.pluginReports).toEqual([]);
});

it('one queue that accepts requests without TLS is found', () => {
  const { app, stack } = checkedApp(false);
  new Queue(stack, 'Careless');
  expect(() => app.synth()).toThrow('AwsSolutions-SQS4');
});
