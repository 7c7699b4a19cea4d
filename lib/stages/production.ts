import type { Stage } from './stage.ts';

/** Where sales run. Set `isProtected` once the first deployment has succeeded, and commit it. */
export const production: Stage = {
  stackName: 'Zhihui',
  disposable: false,
  isProtected: false,
  allowRehearsals: false,
  senders: {},
  hasCustomerKey: false,
};
