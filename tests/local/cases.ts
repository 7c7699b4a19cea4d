import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/run-start.ts';

/**
 * Where files that people have sent in are; ZHIHUI_CASES names another place than `shared/cases` beside the repository, or
 * beside the folder that it is in.
 */
export const CASES_DIRECTORY =
  process.env.ZHIHUI_CASES ??
  [join(REPOSITORY, '../shared/cases'), join(REPOSITORY, '../../shared/cases')].find(existsSync) ??
  join(REPOSITORY, '../shared/cases');

export const hasCases = existsSync(join(CASES_DIRECTORY, 'orders'));
