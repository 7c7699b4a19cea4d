import { readModel } from '#domain/learning/model-items.ts';
import { levelledPrior } from '#domain/learning/use-model.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { learnedModel } from './learned-model.ts';
import { type Model, priorModel } from './model.ts';
import { loadOwnModel } from './own-model.ts';

/**
 * The model that decides in a campaign, and its name, which is kept with every grant: `prior`, `own` or `learned-` and a
 * version.
 */
export type DecidingModel = {
  name: string;
  model: Model;
  /**
   * What decides in this model's place for a share of the engine's members, so that the two can be compared: the prior, scaled
   * to the same level (`levelledPrior`).
   */
  challenger?: DecidingModel;
  isChallenger?: true;
};

export const PRIOR: DecidingModel = { name: 'prior', model: priorModel };

/** The percentage of the engine's members for whom the prior decides, so that a learned model can be compared with it. */
const CHALLENGER_PERCENT = 10;
const WHOLE_PERCENT = 100;

/** What decides for a member: the campaign's model, or its challenger for a fixed group of members. */
export const deciderFor = (
  deciding: DecidingModel,
  { salt }: Pick<Coupons, 'salt'>,
  member: string,
): DecidingModel => {
  if (deciding.challenger === undefined) return deciding;
  const part = digestOf('challenger', salt, member).readUInt32LE(0) / HASH_RANGE;
  return part * WHOLE_PERCENT < CHALLENGER_PERCENT ? deciding.challenger : deciding;
};

/** How long a process uses the version of a learned model that it read. */
const MODEL_MAX_AGE_MS = 30 * SECOND_MS;

const MODELS = compartment(() => new Map<string, { deciding: DecidingModel; readMs: number }>());

/**
 * The model that decides in a campaign now. In place of a learned model, the prior decides until the first version is there,
 * and after the model was withdrawn.
 */
export const readDecidingModel = async (
  runtime: Runtime,
  campaignId: string,
  { model = 'prior', ownModel }: Pick<Coupons, 'model' | 'ownModel'>,
): Promise<DecidingModel> => {
  switch (model) {
    case 'prior':
      return PRIOR;
    case 'learned': {
      const learned = await readModel(runtime, campaignId);
      if (learned === undefined) return PRIOR;
      const { incrementalShare, version } = learned;
      // Scaled to how often coupons were used, as the model is, so that the same prices are right for both.
      const prior = learnedModel({ weights: levelledPrior(learned), incrementalShare });
      if (learned.isWithdrawn === true) return { name: PRIOR.name, model: prior };
      return {
        name: `learned-${version}`,
        model: learnedModel(learned),
        challenger: { name: PRIOR.name, model: prior, isChallenger: true },
      };
    }
    case 'own':
      return { name: 'own', model: loadOwnModel(ownModel) };
    default:
      return model satisfies never;
  }
};

/** The model that decides in a campaign, as it was at most 30 s ago. A shop's own model is loaded once. */
export const currentModel = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Pick<Coupons, 'model' | 'ownModel'>,
  nowMs: number,
): Promise<DecidingModel> => {
  const known = runtime.memory.of(MODELS).get(campaignId);
  const isFresh = coupons.model !== 'learned' || nowMs - (known?.readMs ?? 0) <= MODEL_MAX_AGE_MS;
  if (known !== undefined && isFresh) return known.deciding;
  const deciding = await readDecidingModel(runtime, campaignId, coupons);
  runtime.memory.of(MODELS).set(campaignId, { deciding, readMs: nowMs });
  return deciding;
};
