import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { createApp } from '#lib/synth.ts';
import type { LocalStack, Template as TemplateJson } from '#local/aws/template.ts';
import { type Deployed, stackOf } from './deployed.ts';
import { WORKER_SECONDS_MAX } from './faults.ts';

/**
 * The stack is deployed with settings that suit a sale of a few hundred events: with longer batch windows, fewer calls do the
 * same work, and calls are most of what a run costs. An erasure waits until no worker that began before it can still run.
 */
const CONTEXT = {
  metricsWindowSeconds: 30,
  rollupWindowSeconds: 60,
  campaignWaitSeconds: 120,
  erasureWaitSeconds: WORKER_SECONDS_MAX,
};

/**
 * Makes the template that would be deployed. Nothing is bundled, because the world calls the handlers' factories. This takes
 * about two seconds, and a run does it once for all of its seeds.
 */
export const synthesize = (context: Readonly<Record<string, unknown>> = CONTEXT): Deployed => {
  const outDir = mkdtempSync(join(tmpdir(), 'zhihui-world-'));
  try {
    const { stack } = createApp({
      code: () => Code.fromAsset(import.meta.dirname),
      outDir,
      context,
    });
    return { stackName: stack.stackName, template: Template.fromStack(stack).toJSON() as TemplateJson };
  } finally {
    rmSync(outDir, { recursive: true });
  }
};

export const synthesizeStack = (): LocalStack => stackOf(synthesize());
