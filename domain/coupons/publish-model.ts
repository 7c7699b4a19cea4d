/** Makes and publishes the versions of the learned model. */
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { readUseStatistics } from '#domain/learning/fold-examples.ts';
import { readModel, writeModel } from '#domain/learning/model-items.ts';
import { EXAMPLES_MIN, solveUseModel } from '#domain/learning/solve-use-model.ts';
import { answerRatio, type UseModel } from '#domain/learning/use-model.ts';
import { emptyUseStatistics, issuedIn, type UseStatistics } from '#domain/learning/use-statistics.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readIncrementalShare } from './incremental-share.ts';

/** A further version needs at least this many times as many coupons to learn from as the version before. */
const GROWTH = 1.15;
/** It also needs at least this many more. */
const GROWTH_COUPONS = 30;

/** Whether another version is worth making: enough coupons to learn from have come since the known one. */
export const isVersionDue = (known: UseModel, statistics: UseStatistics): boolean =>
  issuedIn(statistics) >= Math.max(EXAMPLES_MIN, GROWTH * known.issued, known.issued + GROWTH_COUPONS);

/**
 * A version that was published. `ratio` is the worth that it gives to coupons, divided by that of the version before.
 */
export type Published = { model: UseModel; ratio: number };

/**
 * Publishes a campaign's model: the first version when it opens, from all coupons, of any campaign, that have
 * expired by then, and further versions as the number of coupons to learn from grows. Undefined if no version
 * was due, the model was withdrawn, or another worker has published one.
 */
export const publishModel = async (runtime: Runtime, campaignId: string): Promise<Published | undefined> => {
  const known = await readModel(runtime, campaignId);
  if (known?.isWithdrawn === true) return undefined;
  const listing = (await readListing(runtime)).filter(({ hasCoupons }) => hasCoupons);
  const campaigns = listing.map(({ settings }) => settings);
  const statistics = await readUseStatistics(runtime, campaigns);
  if (known !== undefined && !isVersionDue(known, statistics)) return undefined;
  // A campaign keeps its incremental share: another one would only rescale values and prices.
  const incrementalShare =
    known?.incrementalShare ??
    (await readIncrementalShare(
      runtime,
      listing.flatMap(({ settings, assignment }) => (assignment === undefined ? [] : [settings])),
    ));
  const before = known ?? solveUseModel(emptyUseStatistics(), { version: 0, incrementalShare });
  const model = solveUseModel(statistics, { version: before.version + 1, incrementalShare });
  if (!(await writeModel(runtime, campaignId, model))) return undefined;
  runtime.logger.info('model published', {
    campaignId,
    version: model.version,
    issued: model.issued,
    used: model.used,
  });
  return { model, ratio: answerRatio(statistics, model, before) };
};
