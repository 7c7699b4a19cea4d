import { modelComparison } from '#domain/experiment/challenger.ts';
import { readModel, writeModel } from '#domain/learning/model-items.ts';
import type { Row } from '#domain/metrics/rollup/row.ts';
import type { Runtime } from '#platform/runtime.ts';

/**
 * Withdraws a campaign's learned model for good if it does worse than the prior, which then decides again. It does worse if, at
 * any look, the whole interval of its lift lies below 0: its coupons convert less often. Returns whether it was withdrawn.
 */
export const guardModel = async (runtime: Runtime, campaignId: string, row: Row): Promise<boolean> => {
  const lift = modelComparison(row)?.lift;
  if (lift === undefined || lift.high >= 0) return false;
  const known = await readModel(runtime, campaignId);
  if (known === undefined || known.isWithdrawn === true) return false;
  const withdrawn = { ...known, version: known.version + 1, isWithdrawn: true };
  if (!(await writeModel(runtime, campaignId, withdrawn))) return false;
  runtime.logger.warn('model withdrawn, the prior decides', { campaignId, version: known.version, lift });
  return true;
};
