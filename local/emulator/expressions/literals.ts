/** Parses the literals of PartiQL statements. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Item, takeIn } from '../values.ts';
import type { Tokens } from './tokens.ts';

const WORDS: ReadonlyMap<string, AttributeValue> = new Map([
  ['TRUE', { BOOL: true }],
  ['FALSE', { BOOL: false }],
  ['NULL', { NULL: true }],
]);

const listed = (tokens: Tokens, end: string): AttributeValue[] => {
  const elements: AttributeValue[] = [];
  if (tokens.accept(end)) return elements;
  do elements.push(requireLiteral(tokens));
  while (tokens.accept(','));
  tokens.expect(end);
  return elements;
};

const requireLiteral = (tokens: Tokens): AttributeValue => {
  const literal = parseLiteral(tokens);
  if (literal === undefined) throw tokens.syntaxError();
  return literal;
};

const parseSet = (tokens: Tokens): AttributeValue => {
  const elements = listed(tokens, '>>');
  const texts = elements.map(({ S }) => S).filter((text) => text !== undefined);
  if (texts.length === elements.length) return takeIn({ SS: texts });
  const numbers = elements.map(({ N }) => N).filter((number) => number !== undefined);
  if (numbers.length === elements.length) return takeIn({ NS: numbers });
  throw tokens.syntaxError();
};

const parseMap = (tokens: Tokens): AttributeValue => {
  const map: Item = {};
  if (tokens.accept('}')) return { M: map };
  do {
    if (tokens.peek().kind !== 'string') throw tokens.syntaxError();
    const name = tokens.take().text;
    tokens.expect(':');
    map[name] = requireLiteral(tokens);
  } while (tokens.accept(','));
  tokens.expect('}');
  return { M: map };
};

/** Parses a literal of a statement. Undefined if no literal comes next; an expression never has one. */
export const parseLiteral = (tokens: Tokens): AttributeValue | undefined => {
  if (!tokens.isStatement) return undefined;
  const { kind, text } = tokens.peek();
  if (kind === 'string') return { S: tokens.take().text };
  if (kind === 'word') {
    const value = WORDS.get(text.toUpperCase());
    if (value !== undefined) tokens.take();
    return value;
  }
  const isNegative = text === '-' && kind === 'sign';
  const { kind: numberKind } = tokens.peek(isNegative ? 1 : 0);
  if (numberKind === 'integer' || numberKind === 'number') {
    if (isNegative) tokens.take();
    return takeIn({ N: `${isNegative ? '-' : ''}${tokens.take().text}` });
  }
  if (tokens.accept('[')) return { L: listed(tokens, ']') };
  if (tokens.accept('<<')) return parseSet(tokens);
  return tokens.accept('{') ? parseMap(tokens) : undefined;
};
