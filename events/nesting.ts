import { MAX_BODY_DEPTH } from './bounds.ts';

/** How deeply a text nests, found without parsing it: `JSON.parse` takes 50 ms for a megabyte of brackets. */

/** A shorter text cannot nest so deeply that parsing it takes long. */
const SHORT_CHARS = 65_536;
/** Any other text is no JSON, or a single value, so parsing it is quick. */
const CAN_NEST = /^[\s\ufeff]*[[{]/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
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

/** Whether the objects and arrays of a long JSON text nest more deeply than those of a body may. */
export const nestsTooDeeply = (text: string): boolean => {
  if (text.length <= SHORT_CHARS || !CAN_NEST.test(text)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = behindQuoted(text, at);
      continue;
    }
    if ((code | CURLY_BIT) === OPENING && ++depth > MAX_BODY_DEPTH) return true;
    if ((code | CURLY_BIT) === CLOSING) depth--;
    at++;
  }
  return false;
};
