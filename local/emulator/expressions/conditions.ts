/** Parses conditions, filters and key conditions. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { parseLiteral } from './literals.ts';
import { parsePath, type WrittenPath } from './paths.ts';
import type { Tokens } from './tokens.ts';

export const COMPARATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparator = (typeof COMPARATORS)[number];

export type Operand =
  | { readonly kind: 'path'; readonly path: WrittenPath }
  /** A placeholder for a value: `:name`, or in a statement the position of a parameter. */
  | { readonly kind: 'placeholder'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly of: Operand };

export type Condition =
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'exists'; readonly path: WrittenPath; readonly wanted: boolean }
  | { readonly kind: 'begins_with' | 'contains'; readonly operand: Operand; readonly part: Operand }
  | { readonly kind: 'attribute_type'; readonly path: WrittenPath; readonly type: Operand };

/** IN takes at most this many candidates. */
const CANDIDATES_MAX = 100;
const FUNCTIONS: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);

const isCall = (tokens: Tokens): boolean => tokens.peek().kind === 'word' && tokens.peek(1).text === '(';

const parseOperand = (tokens: Tokens): Operand => {
  const { kind, text } = tokens.peek();
  if (kind === 'value' || kind === 'parameter') return { kind: 'placeholder', name: tokens.take().text };
  const literal = parseLiteral(tokens);
  if (literal !== undefined) return { kind: 'literal', value: literal };
  if (kind === 'word' && isCall(tokens)) {
    if (!FUNCTIONS.has(text)) throw tokens.error(`Invalid function name; function: ${text}`);
    if (text !== 'size') {
      throw tokens.error(
        `The function is not allowed to be used this way in an expression; function: ${text}`,
      );
    }
    tokens.take();
    tokens.expect('(');
    const of = parseOperand(tokens);
    tokens.expect(')');
    return { kind: 'size', of };
  }
  return { kind: 'path', path: parsePath(tokens) };
};

const pathArgument = (tokens: Tokens, name: string): WrittenPath => {
  const operand = parseOperand(tokens);
  if (operand.kind === 'path') return operand.path;
  throw tokens.error(`Operator or function requires a document path; operator or function: ${name}`);
};

const parseFunction = (tokens: Tokens): Condition => {
  const name = tokens.take().text;
  tokens.expect('(');
  let condition: Condition;
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      condition = { kind: 'exists', path: pathArgument(tokens, name), wanted: name === 'attribute_exists' };
      break;
    case 'attribute_type': {
      const path = pathArgument(tokens, name);
      tokens.expect(',');
      condition = { kind: 'attribute_type', path, type: parseOperand(tokens) };
      break;
    }
    case 'begins_with':
    case 'contains': {
      const operand = parseOperand(tokens);
      tokens.expect(',');
      condition = { kind: name, operand, part: parseOperand(tokens) };
      break;
    }
    default:
      throw tokens.error(`Invalid function name; function: ${name}`);
  }
  if (tokens.peek().text === ',')
    throw tokens.error(
      `Incorrect number of operands for operator or function; operator or function: ${name}`,
    );
  tokens.expect(')');
  return condition;
};

const parseComparison = (tokens: Tokens): Condition => {
  const operand = parseOperand(tokens);
  if (tokens.acceptKeyword('BETWEEN')) {
    const low = parseOperand(tokens);
    tokens.expectKeyword('AND');
    return { kind: 'between', operand, low, high: parseOperand(tokens) };
  }
  if (tokens.acceptKeyword('IN')) {
    tokens.expect('(');
    const candidates = [parseOperand(tokens)];
    while (tokens.accept(',')) candidates.push(parseOperand(tokens));
    tokens.expect(')');
    if (candidates.length > CANDIDATES_MAX)
      throw tokens.error('Operator or function IN may have at most 100 operands');
    return { kind: 'in', operand, candidates };
  }
  if (tokens.isStatement && tokens.acceptKeyword('IS')) {
    if (operand.kind !== 'path') throw tokens.syntaxError();
    const wanted = tokens.acceptKeyword('NOT');
    tokens.expectKeyword('MISSING');
    return { kind: 'exists', path: operand.path, wanted };
  }
  const comparator = COMPARATORS.find((sign) => tokens.accept(sign));
  if (comparator === undefined) throw tokens.syntaxError();
  return { kind: 'compare', comparator, left: operand, right: parseOperand(tokens) };
};

const parseNegation = (tokens: Tokens): Condition => {
  if (tokens.acceptKeyword('NOT')) return { kind: 'not', condition: parseNegation(tokens) };
  if (tokens.accept('(')) {
    const condition = parseCondition(tokens);
    tokens.expect(')');
    return condition;
  }
  return isCall(tokens) && tokens.peek().text !== 'size' ? parseFunction(tokens) : parseComparison(tokens);
};

const parseConjunction = (tokens: Tokens): Condition => {
  let condition = parseNegation(tokens);
  while (tokens.acceptKeyword('AND'))
    condition = { kind: 'and', left: condition, right: parseNegation(tokens) };
  return condition;
};

/**
 * Parses a condition, filter or key condition, and stops where it ends. NOT binds more tightly than AND, and AND more tightly
 * than OR.
 */
export const parseCondition = (tokens: Tokens): Condition => {
  let condition = parseConjunction(tokens);
  while (tokens.acceptKeyword('OR'))
    condition = { kind: 'or', left: condition, right: parseConjunction(tokens) };
  return condition;
};

const pathsOfOperand = (operand: Operand): WrittenPath[] => {
  if (operand.kind === 'size') return pathsOfOperand(operand.of);
  return operand.kind === 'path' ? [operand.path] : [];
};

/** All paths that a condition names. */
export const pathsIn = (condition: Condition): WrittenPath[] => {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsIn(condition.left), ...pathsIn(condition.right)];
    case 'not':
      return pathsIn(condition.condition);
    case 'compare':
      return [condition.left, condition.right].flatMap(pathsOfOperand);
    case 'between':
      return [condition.operand, condition.low, condition.high].flatMap(pathsOfOperand);
    case 'in':
      return [condition.operand, ...condition.candidates].flatMap(pathsOfOperand);
    case 'exists':
    case 'attribute_type':
      return [condition.path];
    case 'begins_with':
    case 'contains':
      return [condition.operand, condition.part].flatMap(pathsOfOperand);
    default:
      return condition satisfies never;
  }
};
