import { appendFileSync, writeFileSync } from 'node:fs';
import { InputError } from '#local/console/input-error.ts';

const check = (option: string, file: string, write: (file: string, text: string) => void): void => {
  try {
    write(file, '');
  } catch (cause) {
    const { message } = cause as Error;
    throw new InputError(`${option}: expected a file that can be written, got ${file} (${message})`, {
      cause,
    });
  }
};

/**
 * Empties the report and opens the log: a run of minutes must not end in a report that cannot be written, and one that
 * fails must not leave an earlier run's report behind. Throws an InputError.
 */
export const checkWritable = ({ reportFile, logFile }: { reportFile?: string; logFile?: string }): void => {
  if (reportFile !== undefined) check('--report', reportFile, writeFileSync);
  if (logFile !== undefined) check('--log', logFile, appendFileSync);
};
