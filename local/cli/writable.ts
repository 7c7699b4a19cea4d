import { appendFileSync, writeFileSync } from 'node:fs';
import { InputError } from '#local/console/input-error.ts';

/**
 * Checks that a file can be written, by writing an empty text to it. If not, throws an InputError that names the option.
 */
export const checkWrite = (
  option: string,
  file: string,
  write: (file: string, text: string) => void,
): void => {
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
 * Empties the report and opens the log before the run: otherwise a run of minutes could end with a report that cannot be
 * written, or a failed run could leave the report of an earlier one behind. Throws an InputError if a file cannot be written.
 */
export const checkWritable = ({ reportFile, logFile }: { reportFile?: string; logFile?: string }): void => {
  if (reportFile !== undefined) checkWrite('--report', reportFile, writeFileSync);
  if (logFile !== undefined) checkWrite('--log', logFile, appendFileSync);
};
