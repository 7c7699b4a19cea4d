import type { Stage } from './stage.ts';

/** Where sales run. Set `isProtected` once the first deployment has succeeded, and commit it. */
export const production: Stage = {
  stackName: 'Zhihui',
  disposable: false,
  isProtected: false,
  allowRehearsals: false,
  peakOrdersPerSecond: 1_000,
  brands: 37_000,
  members: 1_000_000,
  senders: {},
  hasCustomerKey: false,
};
