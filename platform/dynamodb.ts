import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { escapeBodies } from './ascii-bodies.ts';
import { meterCapacity } from './capacity.ts';

/** The one client of a function's process; where it connects to is the environment's business. */
export const dynamodb = meterCapacity(escapeBodies(new DynamoDBClient({})));
