import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The context in cdk.json: feature flags of the CDK, and settings of the stack that are kept there. */
export const contextOfCdkJson = (): Readonly<Record<string, unknown>> => {
  const file = resolve(import.meta.dirname, '../cdk.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> }).context;
};
