import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { createApp } from '#lib/synth.ts';
import { type LocalStack, localStack, type Template as TemplateJson } from '#local/aws/template.ts';

/**
 * The stack is deployed with settings that a sale of a few hundred events can use: with longer batch windows fewer calls do the same
 * work, and what a run costs is its calls.
 */
const CONTEXT = { metricsWindowSeconds: 15, rollupWindowSeconds: 30, campaignWaitSeconds: 120 };

/** Under which the queues' addresses lie. */
export const ENDPOINT = 'http://world';

/**
 * What the stack consists of, read from the template that is deployed: its tables, queues, mappings, schedules and variables.
 * Nothing is bundled, because the world calls the handlers' factories. Takes about two seconds, once for all seeds.
 */
export const synthesizeStack = (): LocalStack => {
  const outDir = mkdtempSync(join(tmpdir(), 'zhihui-world-'));
  try {
    const { stack } = createApp({
      code: () => Code.fromAsset(import.meta.dirname),
      outDir,
      context: CONTEXT,
    });
    const template = Template.fromStack(stack).toJSON() as TemplateJson;
    const assets = { get: () => '.' } as unknown as ReadonlyMap<string, string>;
    return localStack({ stackName: stack.stackName, template, assets }, ENDPOINT);
  } finally {
    rmSync(outDir, { recursive: true });
  }
};
