import { exportObject } from '#domain/free-orders/audit/write-export.ts';
import { verifyStored } from '../support/free-order-world.ts';
import type { MemoryObjects } from '../support/objects.ts';
import type { Violation } from './oracle/violation.ts';

const EXPORT = /^draws\/([^/]+)\/([^/]+)\/published\.ndjson$/;
const SHOWN_FINDINGS = 3;

/** Every export that is complete is verified against what was published with it. */
export const exportViolations = (objects: MemoryObjects, atMs: number): Violation[] =>
  [...objects.stored.keys()].flatMap((key) => {
    const [, campaignId, revision] = EXPORT.exec(key) ?? [];
    if (campaignId === undefined || revision === undefined) return [];
    const place = { campaignId, revision };
    const { findings } = verifyStored(objects, place).verdict;
    const details = findings.slice(0, SHOWN_FINDINGS).map(({ line, message }) => `line ${line}: ${message}`);
    return findings.length === 0
      ? []
      : [{ invariant: 'verified-export', atMs, details: `${exportObject(place)}: ${details.join('; ')}` }];
  });
