import type { Message } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { toSqsRecord } from '#local/aws/sqs-record.ts';
import { type LocalStack, localStack, type Template } from '#local/aws/template.ts';

/** The beginning of the queues' URLs. */
export const ENDPOINT = 'http://world';

/** What is deployed, as plain data that can be passed to another process. */
export type Deployed = { readonly stackName: string; readonly template: Template };

/** The tables, queues, mappings, schedules and variables of what is deployed. */
export const stackOf = ({ stackName, template }: Deployed): LocalStack => {
  const assets = { get: () => '.' } as unknown as ReadonlyMap<string, string>;
  return localStack({ stackName, template, assets }, ENDPOINT);
};

/** What Lambda gives to a function for a message of an emulated queue, whose times need no conversion. */
export const recordOf = (message: Message, queueArn: string): SQSRecord =>
  toSqsRecord(message, queueArn, { at: (ms) => ms });
