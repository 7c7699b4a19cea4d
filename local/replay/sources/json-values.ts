/** A JSON value cut out of a longer text and put on one line, and the line on which it began in that text, from 1. */
export type JsonValue = { text: string; line: number };

const LINE_BREAKS = /\s*[\r\n]+\s*/g;

/** Finds the line of a position in a text, from 1. Positions must be asked for in ascending order. */
const lineCounter = (text: string) => {
  let at = 0;
  let line = 1;
  return (position: number): number => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < position; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
};

/**
 * The elements of a JSON array, or JSON objects one after the other, with or without commas between them. Each may contain line
 * breaks. Undefined if the text is neither, if it holds no value, or if an element is neither an object nor an array. Values are
 * cut out as they are written, so no number is rewritten.
 */
export const splitJson = (text: string): JsonValue[] | undefined => {
  const first = text.search(/\S/);
  if (first === -1) return undefined;
  const isArray = text[first] === '[';
  const inside = isArray ? 1 : 0;
  const lineOf = lineCounter(text);
  const values: JsonValue[] = [];
  let depth = 0;
  let start = -1;
  let isString = false;
  for (let at = first; at < text.length; at++) {
    const character = text[at];
    if (isString) {
      if (character === '\\') at += 1;
      else if (character === '"') isString = false;
    } else if (!isArray && depth === 0 && /[^\s,{[]/.test(character!)) return undefined;
    else if (character === '"') isString = true;
    else if (character === '{' || character === '[') {
      if (depth === inside) start = at;
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === inside && start !== -1) {
        values.push({ text: text.slice(start, at + 1).replace(LINE_BREAKS, ' '), line: lineOf(start) });
        start = -1;
      }
    }
  }
  if (depth !== 0 || isString) return undefined;
  return isWhole(text, isArray, values) ? values : undefined;
};

/** Whether all values are JSON and, for an array, whether they are all of its elements, which only a parser can tell. */
const isWhole = (text: string, isArray: boolean, values: readonly JsonValue[]): boolean => {
  try {
    if (isArray) {
      const all: unknown = JSON.parse(text);
      return Array.isArray(all) && all.length === values.length && values.length > 0;
    }
    for (const value of values) JSON.parse(value.text);
    return values.length > 0;
  } catch {
    return false;
  }
};
