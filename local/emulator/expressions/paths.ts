import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../values.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import type { Tokens } from './tokens.ts';

/** A document path: attribute names and list indices. */
export type Path = readonly (string | number)[];
/** A path as it is written. If it has placeholders, they are the parts that begin with `#`. */
export type WrittenPath = { readonly parts: Path; readonly hasPlaceholder: boolean };

/** What the placeholders of an expression stand for. */
export type Bindings = {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
};

const namePart = (tokens: Tokens): string => {
  const { kind, text } = tokens.peek();
  if (kind !== 'word' && kind !== 'name' && kind !== 'quoted') throw tokens.syntaxError();
  if (kind === 'word' && RESERVED_WORDS.has(text.toUpperCase()))
    throw tokens.error(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
  return tokens.take().text;
};

export const parsePath = (tokens: Tokens): WrittenPath => {
  let hasPlaceholder = tokens.peek().kind === 'name';
  const parts: (string | number)[] = [namePart(tokens)];
  for (;;) {
    if (tokens.accept('.')) {
      hasPlaceholder ||= tokens.peek().kind === 'name';
      parts.push(namePart(tokens));
    } else if (tokens.accept('[')) {
      if (tokens.peek().kind !== 'integer') throw tokens.syntaxError();
      parts.push(Number(tokens.take().text));
      tokens.expect(']');
    } else {
      break;
    }
  }
  return { parts, hasPlaceholder };
};

/** The path with its placeholders replaced. An earlier check has found a name for each of them. */
export const resolvePath = ({ parts, hasPlaceholder }: WrittenPath, names: Bindings['names']): Path =>
  hasPlaceholder
    ? parts.map((part) => (typeof part === 'string' && part.startsWith('#') ? names[part]! : part))
    : parts;

/** The value at a path, undefined if there is none. */
export const valueAt = (item: Item | undefined, path: Path): AttributeValue | undefined => {
  let value = item?.[path[0] as string];
  for (let i = 1; i < path.length && value !== undefined; i++) {
    const part = path[i]!;
    value = typeof part === 'number' ? value.L?.[part] : value.M?.[part];
  }
  return value;
};

export const pathText = (path: Path): string =>
  `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;

const startsWith = (path: Path, start: Path): boolean => start.every((part, i) => path[i] === part);

/** Throws if a path is the same as another or inside it, or if one path uses a list where another uses a map. */
export const checkOverlaps = (
  subject: string,
  paths: readonly Path[],
  error: (complaint: string) => Error,
): void => {
  for (const [i, second] of paths.entries()) {
    for (const first of paths.slice(0, i)) {
      const texts = `path one: ${pathText(first)}, path two: ${pathText(second)}`;
      if (startsWith(first, second) || startsWith(second, first)) {
        throw error(
          `${subject}Two document paths overlap with each other; must remove or rewrite one of these paths; ${texts}`,
        );
      }
      const fork = first.findIndex((part, place) => part !== second[place]);
      if (typeof first[fork] !== typeof second[fork]) {
        throw error(
          `${subject}Two document paths conflict with each other; must remove or rewrite one of these paths; ${texts}`,
        );
      }
    }
  }
};
