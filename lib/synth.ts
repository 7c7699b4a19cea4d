/** Makes the CDK app, and synthesizes it. */
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { bundleHandlers, DIST } from './bundle.ts';
import { contextOfCdkJson } from './context.ts';
import { readSettings, type Settings } from './settings.ts';
import { ZhihuiStack } from './stack.ts';
import { STACK_NAME } from './template.ts';

export interface AppOptions {
  /** Gives a function's code by the name of its folder in lambdas/; default: what is bundled in dist/. */
  readonly code?: (functionName: string) => Code;
  /**
   * Directory of the cloud assembly. Default: the one that the CDK's command asks for, or else a new temporary one, which is
   * not deleted.
   */
  readonly outDir?: string;
  /** Context values, which override those of cdk.json and are overridden by those of the command line. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Settings that override what the stage and the context say. */
  readonly settings?: Partial<Settings>;
  /**
   * Whether the template is checked against CloudFormation's schemas and the rules of cdk-nag, which takes seconds; default
   * false. A broken rule makes synthesis fail.
   */
  readonly validate?: boolean;
}

/**
 * The app with its one stack, before synthesis. This function reads cdk.json itself, so that feature flags, and thereby the
 * template, are the same whether the CDK's command, a test or the local run calls it.
 */
export const createApp = (options: AppOptions = {}): { app: App; stack: ZhihuiStack } => {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: options.validate ?? false,
    context: {
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
      ...contextOfCdkJson(),
      ...options.context,
    },
    ...(options.outDir === undefined ? {} : { outdir: options.outDir }),
  });
  const settings = { ...readSettings((key) => app.node.tryGetContext(key)), ...options.settings };
  const stack = new ZhihuiStack(app, STACK_NAME, {
    code: options.code ?? ((functionName) => Code.fromAsset(join(DIST, functionName))),
    ...settings,
  });
  if (options.validate)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, stack };
};

/** Bundles the functions and synthesizes the app. Returns the directory of the cloud assembly, which also holds the code. */
export const synthesize = async (options: Omit<AppOptions, 'code'> = {}): Promise<string> => {
  await bundleHandlers();
  return createApp(options).app.synth().directory;
};
