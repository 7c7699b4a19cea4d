import { MAX_BODY_DEPTH, MAX_OBJECT_FIELDS } from './bounds.ts';

/**
 * The shape of a text, found without parsing it: `JSON.parse` takes 50 ms for a megabyte of brackets, and nearly as long for an
 * object of 60,000 fields. Each later pass over such an object takes as long again.
 */

/** A shorter text has neither so many levels nor so many fields that parsing it takes long. */
const SHORT_CHARS = 65_536;
/** A text that does not match is no JSON, or a single value, so parsing it is quick. */
const CAN_NEST = /^[\s\ufeff]*[[{]/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** `[` and `{`, and what closes them, differ in this bit only; no other character of JSON outside of quotes has these codes. */
const CURLY_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** The position after the quoted text that begins at `start`. */
const behindQuoted = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
};

/** Which bound on levels and fields a long JSON text breaks, in words; undefined if it breaks none. */
export const shapeBoundBrokenBy = (text: string): string | undefined => {
  if (text.length <= SHORT_CHARS || !CAN_NEST.test(text)) return undefined;
  let depth = 0;
  /** By depth, the colons of the object that is open there: one for each of its fields so far. */
  const fields = new Uint32Array(MAX_BODY_DEPTH + 1);
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = behindQuoted(text, at);
      continue;
    }
    if ((code | CURLY_BIT) === OPENING) {
      if (++depth > MAX_BODY_DEPTH) return `at most ${MAX_BODY_DEPTH} levels of nesting`;
      fields[depth] = 0;
    } else if ((code | CURLY_BIT) === CLOSING) depth = Math.max(0, depth - 1);
    else if (code === COLON && ++fields[depth]! > MAX_OBJECT_FIELDS)
      return `at most ${MAX_OBJECT_FIELDS} fields in an object`;
    at++;
  }
  return undefined;
};
