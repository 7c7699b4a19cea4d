import type { Stage } from './stage.ts';

/** For trials: deleting the stack leaves nothing behind, and draws may be rehearsed. */
export const sandbox: Stage = {
  stackName: 'Zhihui-sandbox',
  disposable: true,
  isProtected: false,
  allowRehearsals: true,
  peakOrdersPerSecond: 50,
  brands: 2_000,
  members: 100_000,
  senders: {},
  hasCustomerKey: false,
};
