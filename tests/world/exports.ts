import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import { verifyStored } from '../support/free-order-world.ts';
import type { MemoryObjects } from '../support/objects.ts';
import type { Violation } from './oracle/violation.ts';

const EXPORT = /^draws\/([^/]+)\/([^/]+)\/published\.ndjson$/;
const SHOWN_FINDINGS = 3;
/**
 * An order with events in two slots is an entry of both, and wins at most once. Verifiers refuse an export with such an order.
 * Producers are told to give all events of an order the same time, but the workload also plays producers that do not. So this
 * finding is no violation.
 */
const IN_TWO_SLOTS = / a second time$/;

/** Verifies every complete export against what was published with it, and returns the violations. */
export const exportViolations = (objects: MemoryObjects, atMs: number): Violation[] =>
  [...objects.stored.keys()].flatMap((key) => {
    const [, campaignId, revision] = EXPORT.exec(key) ?? [];
    if (campaignId === undefined || revision === undefined) return [];
    const place = { campaignId, revision };
    const { findings } = verifyStored(objects, place).verdict;
    const details = findings
      .filter(({ message }) => !IN_TWO_SLOTS.test(message))
      .slice(0, SHOWN_FINDINGS)
      .map(({ line, message }) => `line ${line}: ${message}`);
    return details.length === 0
      ? []
      : [{ invariant: 'verified-export', atMs, details: `${exportObject(place)}: ${details.join('; ')}` }];
  });
