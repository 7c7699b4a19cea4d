import { seededRandom } from '#simulator/random.ts';
import {
  type PipelineOptions,
  VISIBILITY_SCALE_DEFAULT,
  VISIBILITY_SCALE_MAX,
} from '../aws/pipeline-options.ts';
import { unreliableTicks } from '../aws/schedule.ts';

/** The values that --visibility-scale takes. */
export const VISIBILITY_SCALES = { min: 1, max: VISIBILITY_SCALE_MAX, whole: false };

export const RULES_HELP = `How the local AWS behaves
  --visibility-scale X   a failed batch comes back after its visibility timeout divided by this (default ${VISIBILITY_SCALE_DEFAULT})
  --chaos-ticks          lose some ticks of the schedules and double some, chosen by --seed
`;

/** The stream of random numbers for ticks, separate from all other uses of the seed. */
const TICKS_STREAM = 0x71c4;

export type RulesOptions = {
  readonly seed: number;
  readonly visibilityScale?: number;
  readonly chaosTicks: boolean;
};

/** The pipeline's options that follow from the options of a command. */
export const lambdaRules = ({ seed, visibilityScale, chaosTicks }: RulesOptions): PipelineOptions => ({
  ...(visibilityScale === undefined ? {} : { visibilityScale }),
  ...(chaosTicks ? { callsOfTick: unreliableTicks(seededRandom(seed, TICKS_STREAM)) } : {}),
});
