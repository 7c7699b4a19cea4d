/** The stack's template for runs without the CDK, with their settings filled in. */
import { folderOf, WORKERS } from './functions/index.ts';
import { visibilitySeconds } from './limits.ts';
import type { Settings } from './settings.ts';
import template from './template.json' with { type: 'json' };

/** The stack's id in the CDK app, the same in every stage. So its template is always `<outDir>/Zhihui.template.json`. */
export const STACK_NAME = 'Zhihui';

/** The parts of a CloudFormation template that are read here. */
export type StackTemplate = {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
};

/** The template's name for the code of a function. */
export const codeKeyOf = (functionName: string): string => `${functionName}.zip`;

/** The settings that functions find in their environment. */
const VARIABLES: Readonly<Record<string, (settings: Settings) => string>> = {
  CAMPAIGN_WAIT_SECONDS: ({ campaignWaitSeconds }) => String(campaignWaitSeconds),
  ERASURE_WAIT_SECONDS: ({ erasureWaitSeconds }) => String(erasureWaitSeconds),
  QUIET_SLOT_SECONDS: ({ quietSlotSeconds }) => String(quietSlotSeconds),
  SENDERS: ({ senders }) => JSON.stringify(senders),
  READS_PLACES: ({ readsPlaces }) => String(readsPlaces),
  ALLOW_REHEARSALS: ({ allowRehearsals }) => String(allowRehearsals),
  CAMPAIGN_SHARDS: ({ sizes }) => JSON.stringify(sizes.shards),
  AUDIENCE_SEGMENTS: ({ sizes }) => String(sizes.segments),
};

type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;
type Reference = { Ref: string };
type Attribute = { 'Fn::GetAtt': [string, string] };

const setVariables = (resources: Resources, settings: Settings): void => {
  for (const { Type: type, Properties: properties } of Object.values(resources)) {
    if (type !== 'AWS::Lambda::Function') continue;
    const { Variables: variables } = properties.Environment as { Variables: Record<string, string> };
    for (const [name, textOf] of Object.entries(VARIABLES))
      if (name in variables) variables[name] = textOf(settings);
  }
};

/** Batches of some functions wait as long as a setting says, and their messages stay hidden for that much longer. */
const setWindows = (resources: Resources, settings: Settings): void => {
  for (const [name, { tuning, windowSeconds }] of Object.entries(WORKERS)) {
    if (windowSeconds === undefined) continue;
    const seconds = windowSeconds(settings);
    const [functionId] = Object.entries(resources).find(
      ([, { Properties: properties }]) =>
        (properties?.Code as { S3Key?: string } | undefined)?.S3Key === codeKeyOf(folderOf(name)),
    )!;
    for (const { Type: type, Properties: properties } of Object.values(resources)) {
      if (type !== 'AWS::Lambda::EventSourceMapping') continue;
      if ((properties.FunctionName as Reference).Ref !== functionId) continue;
      properties.MaximumBatchingWindowInSeconds = seconds;
      const [queueId] = (properties.EventSourceArn as Attribute)['Fn::GetAtt'];
      resources[queueId]!.Properties.VisibilityTimeout = visibilitySeconds(tuning.timeoutSeconds, seconds);
    }
  }
};

/**
 * The stack's template for runs without the CDK: the output of `npm run template` for the settings of
 * cdk.json. Of the settings given, only those that functions find in their environment and the windows of
 * batches are filled in. All else stays as it is, such as concurrency, encryption and retention, because this
 * template is never deployed.
 */
export const templateWith = (settings: Settings): StackTemplate => {
  const copy = structuredClone(template) as { Resources: Resources };
  setVariables(copy.Resources, settings);
  setWindows(copy.Resources, settings);
  return copy;
};
