/** JSON texts that are read again and again, each parsed once. */
import { compartment, type Memory } from './memory.ts';
import { Remembered } from './remembered.ts';

/** In characters of JSON, of all texts together. */
const PARSED_CHARS_MAX = 1_000_000;

const PARSED = compartment(() => new Remembered<object>(PARSED_CHARS_MAX));

/**
 * The value of a JSON text, parsed once. It is for texts that nearly every invocation reads again, such as the definitions of open
 * campaigns. Nobody may change the value.
 */
export const sharedJson = <Value extends object>(results: Memory, text: string): Value =>
  results.of(PARSED).of(text, () => JSON.parse(text) as Value) as Value;
