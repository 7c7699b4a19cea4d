import { MAX_BODY_DEPTH } from './bounds.ts';

/** How deeply a text nests, found without parsing it: `JSON.parse` takes 50 ms for a megabyte of brackets. */

/** A shorter text cannot nest so deeply that parsing it takes long. */
const SHORT_CHARS = 65_536;
/** Any other text is no JSON, or holds one value. Parsing it ends at once. */
const CAN_NEST = /^[\s\ufeff]*[[{]/;
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const OPENING = new Set(['{', '['].map((bracket) => bracket.charCodeAt(0)));
const CLOSING = new Set(['}', ']'].map((bracket) => bracket.charCodeAt(0)));

/** The place behind the text in quotes that begins at `start`. */
const behindQuoted = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return text.length;
};

/** Whether objects and arrays in a long text of JSON are nested in more levels than those of a body. */
export const nestsTooDeeply = (text: string): boolean => {
  if (text.length <= SHORT_CHARS || !CAN_NEST.test(text)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = behindQuoted(text, at);
      continue;
    }
    if (OPENING.has(code) && ++depth > MAX_BODY_DEPTH) return true;
    if (CLOSING.has(code)) depth--;
    at++;
  }
  return false;
};
