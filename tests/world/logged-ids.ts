import type { Logger } from '@aws-lambda-powertools/logger';
import { makeLogger } from '#platform/log.ts';
import { printTo } from '../support/log-lines.ts';
import type { Violation } from './oracle/violation.ts';

/** The name under which a logged id or secret is reported as a violation. */
export const LOGGED_IDS = 'logged-ids';

/** How the workloads name members and orders. `free-order-1` names a worker, so it does not match. */
const NAMED = /(?<!\bfree-)\b(?:member|order)-\d+/;
const KEPT_MAX = 5;

/** The log of all functions. It is not printed; lines that name a member or an order, or contain the secret, are violations. */
export class WatchedLog {
  readonly logger: Logger = makeLogger({ serviceName: 'world' });
  readonly violations: Violation[] = [];

  constructor(secret: string, nowMs: () => number) {
    printTo(this.logger, (line) => {
      if (this.violations.length < KEPT_MAX && (NAMED.test(line) || line.includes(secret)))
        this.violations.push({ invariant: LOGGED_IDS, atMs: nowMs(), details: line.replace(/\s+/g, ' ') });
    });
  }
}
