import { expect, it } from 'vitest';
import { WatchedLog } from './logged-ids.ts';

it.each([
  ['a member in a field is reported', { member: 'member-7' }, 1],
  [
    'an order in an error’s message is reported',
    { cause: new Error('order-12: expected a grant, got none') },
    1,
  ],
  [
    'a member in the cause of an error is reported',
    { cause: new Error('failed', { cause: new Error('member-7 is gone') }) },
    1,
  ],
  ['the secret is reported', { cause: new Error('expected another key, got secret of 5') }, 1],
  [
    'a campaign, a worker and a slot are not reported',
    { campaignId: 'sale-7', worker: 'free-order-1', cause: new Error('slot 3: expected a grant, got none') },
    0,
  ],
])('in a line of the log, %s', (_, fields, count) => {
  const log = new WatchedLog('secret of 5', () => 1_000);
  log.logger.error('message failed', fields);
  expect(log.violations).toHaveLength(count);
});
