import { production } from './production.ts';
import { sandbox } from './sandbox.ts';
import type { Stage } from './stage.ts';

/**
 * The stages, by the name that `-c stage=NAME` gives. A new stage needs a file here and a name in this list.
 */
export const STAGES: Readonly<Record<string, Stage>> = { production, sandbox };

/** What is deployed if no stage is named. */
export const DEFAULT_STAGE = 'production';
