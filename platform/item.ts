import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item of a DynamoDB table, or the key of one. */
export type Item = Record<string, AttributeValue>;
