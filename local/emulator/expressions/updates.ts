/** Parses update expressions. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { parseLiteral } from './literals.ts';
import { parsePath, type WrittenPath } from './paths.ts';
import type { Tokens } from './tokens.ts';

/** The right side of a SET. */
export type Assigned =
  | { readonly kind: 'path'; readonly path: WrittenPath }
  | { readonly kind: 'placeholder'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: AttributeValue }
  | { readonly kind: 'if_not_exists'; readonly path: WrittenPath; readonly otherwise: Assigned }
  | { readonly kind: 'list_append' | 'plus' | 'minus'; readonly left: Assigned; readonly right: Assigned }
  /** Only in PartiQL. */
  | { readonly kind: 'set_add' | 'set_delete'; readonly left: Assigned; readonly right: Assigned };

export type Action =
  | { readonly kind: 'SET'; readonly path: WrittenPath; readonly assigned: Assigned }
  | { readonly kind: 'REMOVE'; readonly path: WrittenPath }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: WrittenPath; readonly value: string };

const FUNCTIONS = ['if_not_exists', 'list_append'] as const;
const STATEMENT_FUNCTIONS = ['list_append', 'set_add', 'set_delete'] as const;
const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

const parseTerm = (tokens: Tokens): Assigned => {
  const { kind, text } = tokens.peek();
  if (kind === 'value' || kind === 'parameter') return { kind: 'placeholder', name: tokens.take().text };
  const literal = parseLiteral(tokens);
  if (literal !== undefined) return { kind: 'literal', value: literal };
  if (tokens.accept('(')) {
    const inner = parseAssigned(tokens);
    tokens.expect(')');
    return inner;
  }
  if (kind !== 'word' || tokens.peek(1).text !== '(') return { kind: 'path', path: parsePath(tokens) };
  const name = (tokens.isStatement ? STATEMENT_FUNCTIONS : FUNCTIONS).find((known) => known === text);
  if (name === undefined) throw tokens.error(`Invalid function name; function: ${text}`);
  tokens.take();
  tokens.expect('(');
  const left = parseTerm(tokens);
  tokens.expect(',');
  const right = parseTerm(tokens);
  tokens.expect(')');
  if (name !== 'if_not_exists') return { kind: name, left, right };
  if (left.kind !== 'path')
    throw tokens.error(`Operator or function requires a document path; operator or function: ${name}`);
  return { kind: 'if_not_exists', path: left.path, otherwise: right };
};

/** Parses the right side of a SET. */
export const parseAssigned = (tokens: Tokens): Assigned => {
  const left = parseTerm(tokens);
  if (tokens.accept('+')) return { kind: 'plus', left, right: parseTerm(tokens) };
  if (tokens.accept('-')) return { kind: 'minus', left, right: parseTerm(tokens) };
  return left;
};

const parseAction = (tokens: Tokens, kind: Action['kind']): Action => {
  const path = parsePath(tokens);
  switch (kind) {
    case 'SET':
      tokens.expect('=');
      return { kind, path, assigned: parseAssigned(tokens) };
    case 'REMOVE':
      return { kind, path };
    case 'ADD':
    case 'DELETE':
      if (tokens.peek().kind !== 'value') throw tokens.syntaxError();
      return { kind, path, value: tokens.take().text };
    default:
      return kind satisfies never;
  }
};

/** The actions of an update expression, as written. */
export const parseUpdate = (tokens: Tokens): Action[] => {
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (tokens.peek().kind !== 'end') {
    const clause = CLAUSES.find((word) => tokens.acceptKeyword(word));
    if (clause === undefined) throw tokens.syntaxError();
    if (seen.has(clause))
      throw tokens.error(`The "${clause}" section can only be used once in an update expression;`);
    seen.add(clause);
    do actions.push(parseAction(tokens, clause));
    while (tokens.accept(','));
  }
  return actions;
};
