/** The user's input or options are at fault; the message names what was given and what was expected. */
export class InputError extends Error {
  override name = 'InputError';
}
