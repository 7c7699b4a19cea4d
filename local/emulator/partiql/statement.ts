/** Parses PartiQL statements. */
import { type Condition, type Operand, parseCondition } from '../expressions/conditions.ts';
import { parseLiteral } from '../expressions/literals.ts';
import { parsePath, type WrittenPath } from '../expressions/paths.ts';
import type { Tokens } from '../expressions/tokens.ts';
import { type Action, parseAssigned } from '../expressions/updates.ts';

/** A value of an inserted item, or of a condition on a key. */
export type StatementValue = Extract<Operand, { kind: 'placeholder' | 'literal' }>;

export type Statement =
  | { readonly kind: 'insert'; readonly table: string; readonly values: ReadonlyMap<string, StatementValue> }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly actions: readonly Action[];
      readonly where: Condition;
      readonly returning: Returning | undefined;
    }
  | {
      readonly kind: 'delete';
      readonly table: string;
      readonly where: Condition;
      readonly returning: Returning | undefined;
    }
  | {
      readonly kind: 'select';
      readonly table: string;
      /** Undefined for all attributes. */
      readonly paths: readonly WrittenPath[] | undefined;
      readonly where: Condition;
    };

export type Returning = 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';

const parseTable = (tokens: Tokens): string => {
  const { kind } = tokens.peek();
  if (kind !== 'quoted' && kind !== 'word') throw tokens.syntaxError();
  return tokens.take().text;
};

const parseValue = (tokens: Tokens): StatementValue => {
  if (tokens.peek().kind === 'parameter') return { kind: 'placeholder', name: tokens.take().text };
  const value = parseLiteral(tokens);
  if (value === undefined) throw tokens.syntaxError();
  return { kind: 'literal', value };
};

const parseInsert = (tokens: Tokens): Statement => {
  tokens.expectKeyword('INTO');
  const table = parseTable(tokens);
  tokens.expectKeyword('VALUE');
  tokens.expect('{');
  const values = new Map<string, StatementValue>();
  do {
    if (tokens.peek().kind !== 'string') throw tokens.syntaxError();
    const name = tokens.take().text;
    tokens.expect(':');
    values.set(name, parseValue(tokens));
  } while (tokens.accept(','));
  tokens.expect('}');
  return { kind: 'insert', table, values };
};

const parseReturning = (tokens: Tokens): Returning | undefined => {
  if (!tokens.acceptKeyword('RETURNING')) return undefined;
  const part = tokens.acceptKeyword('ALL') ? 'ALL' : 'UPDATED';
  if (part === 'UPDATED') tokens.expectKeyword('MODIFIED');
  const time = tokens.acceptKeyword('OLD') ? 'OLD' : 'NEW';
  if (time === 'NEW') tokens.expectKeyword('NEW');
  tokens.expect('*');
  return `${part}_${time}`;
};

const parseWhere = (tokens: Tokens): Condition => {
  tokens.expectKeyword('WHERE');
  return parseCondition(tokens);
};

const parseUpdateStatement = (tokens: Tokens): Statement => {
  const table = parseTable(tokens);
  const actions: Action[] = [];
  for (;;) {
    if (tokens.acceptKeyword('SET')) {
      do {
        const path = parsePath(tokens);
        tokens.expect('=');
        actions.push({ kind: 'SET', path, assigned: parseAssigned(tokens) });
      } while (tokens.accept(','));
    } else if (tokens.acceptKeyword('REMOVE')) {
      do actions.push({ kind: 'REMOVE', path: parsePath(tokens) });
      while (tokens.accept(','));
    } else {
      break;
    }
  }
  if (actions.length === 0) throw tokens.syntaxError();
  return { kind: 'update', table, actions, where: parseWhere(tokens), returning: parseReturning(tokens) };
};

const parseDelete = (tokens: Tokens): Statement => {
  tokens.expectKeyword('FROM');
  return {
    kind: 'delete',
    table: parseTable(tokens),
    where: parseWhere(tokens),
    returning: parseReturning(tokens),
  };
};

const parseSelect = (tokens: Tokens): Statement => {
  let paths: WrittenPath[] | undefined;
  if (!tokens.accept('*')) {
    paths = [];
    do paths.push(parsePath(tokens));
    while (tokens.accept(','));
  }
  tokens.expectKeyword('FROM');
  return { kind: 'select', table: parseTable(tokens), paths, where: parseWhere(tokens) };
};

/** A PartiQL statement as DynamoDB takes it: INSERT, UPDATE, DELETE or SELECT of one item. */
export const parseStatement = (tokens: Tokens): Statement => {
  if (tokens.acceptKeyword('INSERT')) return parseInsert(tokens);
  if (tokens.acceptKeyword('UPDATE')) return parseUpdateStatement(tokens);
  if (tokens.acceptKeyword('DELETE')) return parseDelete(tokens);
  tokens.expectKeyword('SELECT');
  return parseSelect(tokens);
};
