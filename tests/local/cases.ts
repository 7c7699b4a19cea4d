import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/run-start.ts';

/**
 * The directory of the files that users have sent to the project: `shared/cases` beside the repository, or beside the
 * folder that the repository is in. The variable ZHIHUI_CASES can name another directory.
 */
export const CASES_DIRECTORY =
  process.env.ZHIHUI_CASES ??
  [join(REPOSITORY, '../shared/cases'), join(REPOSITORY, '../../shared/cases')].find(existsSync) ??
  join(REPOSITORY, '../shared/cases');

export const hasCases = existsSync(join(CASES_DIRECTORY, 'orders'));
