/** Runs a verb of the command line, and turns its result into an exit status. */
import { InputError } from '#local/console/input-error.ts';
import { printable } from '#local/console/printable.ts';
import type { Parsed } from './options.ts';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_MISTAKE = 2;

/** Prints what is wrong to standard error. Returns `status`, the exit status. */
export const fail = (message: string, status: number): number => {
  process.stderr.write(`error: ${printable(message)}\n`);
  return status;
};

/**
 * Runs a verb, or prints its help, and returns the exit status: 2 if its arguments or its input are wrong, 1 if it threw another
 * error, else what `run` returned. What was wrong is printed to standard error.
 */
export const runVerb = async <Options>(
  help: string,
  parsed: Parsed<Options>,
  run: (options: Options) => number | Promise<number>,
): Promise<number> => {
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(help);
      return EXIT_DONE;
    case 'mistake':
      return fail(parsed.message, EXIT_MISTAKE);
    case 'run':
      break;
    default:
      return parsed satisfies never;
  }
  try {
    return await run(parsed.options);
  } catch (error) {
    if (error instanceof InputError) return fail(error.message, EXIT_MISTAKE);
    return fail(error instanceof Error ? error.message : String(error), EXIT_FAILED);
  }
};
