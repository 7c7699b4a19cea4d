import { type LocalStack, localStack, type Template } from '#local/aws/template.ts';

/** The endpoint of the queues' addresses. */
export const ENDPOINT = 'http://world';

/** What is deployed, as plain data that can be passed to another process. */
export type Deployed = { readonly stackName: string; readonly template: Template };

/** The tables, queues, mappings, schedules and variables of what is deployed. */
export const stackOf = ({ stackName, template }: Deployed): LocalStack => {
  const assets = { get: () => '.' } as unknown as ReadonlyMap<string, string>;
  return localStack({ stackName, template, assets }, ENDPOINT);
};
