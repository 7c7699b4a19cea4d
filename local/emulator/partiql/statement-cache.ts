import { Tokens } from '../expressions/tokens.ts';
import { parseStatement, type Statement } from './statement.ts';

export type ParsedStatement = { readonly statement: Statement; readonly parameters: number };

const CACHED_MAX = 10_000;

/** Parses statements, and keeps the results for when a statement comes again. A full cache is emptied. */
export class StatementCache {
  readonly #parsed = new Map<string, ParsedStatement>();

  parse(text: string): ParsedStatement {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const tokens = new Tokens('statement', text, 'statement');
    const statement = parseStatement(tokens);
    tokens.expectEnd();
    const parsed = { statement, parameters: tokens.placeholders('parameter').length };
    if (this.#parsed.size >= CACHED_MAX) this.#parsed.clear();
    this.#parsed.set(text, parsed);
    return parsed;
  }
}
