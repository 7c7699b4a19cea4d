/** The user's input or options are at fault; the message names what was given and what was expected. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The error for a file that could not be opened or read. `subject` names the file and, if an option named it, the option. */
export const fileError = (subject: string, cause: unknown): InputError => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: 'no such file',
    EISDIR: 'expected a file, got a directory',
  };
  return new InputError(`${subject}: ${words[code ?? ''] ?? message}`, { cause });
};
