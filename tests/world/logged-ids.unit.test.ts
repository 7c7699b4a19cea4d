import { expect, it } from 'vitest';
import { WatchedLog } from './logged-ids.ts';

it.each([
  ['a field', { member: 'member-7' }, 1],
  ['an error’s message', { cause: new Error('order-12: expected a grant, got none') }, 1],
  ['the cause of an error', { cause: new Error('failed', { cause: new Error('member-7 is gone') }) }, 1],
  ['the secret', { cause: new Error('expected another key, got secret of 5') }, 1],
  [
    'nobody',
    { campaignId: 'sale-7', worker: 'free-order-1', cause: new Error('slot 3: expected a grant, got none') },
    0,
  ],
])('a line that names %s is judged', (_, fields, count) => {
  const log = new WatchedLog('secret of 5', () => 1_000);
  log.logger.error('message failed', fields);
  expect(log.violations).toHaveLength(count);
});
