/** Splits an expression or a PartiQL statement into tokens. */
import { validationError } from '../exceptions.ts';

export type TokenKind =
  | 'word'
  | 'name'
  | 'value'
  | 'integer'
  | 'sign'
  | 'end'
  /** Of statements only: `"name"`, `'text'`, `?` and a number with a fraction. */
  | 'quoted'
  | 'string'
  | 'parameter'
  | 'number';
export type Token = { readonly kind: TokenKind; readonly text: string; readonly at: number };

/** How text is split into tokens: a pattern with a group for each kind. */
type Lexicon = { readonly pattern: RegExp; readonly kinds: readonly TokenKind[] };

const EXPRESSIONS: Lexicon = {
  pattern: /\s+|([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-])/y,
  kinds: ['word', 'name', 'value', 'integer', 'sign'],
};
const STATEMENTS: Lexicon = {
  pattern:
    /\s+|([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\?)|(\d+\.\d*|\.\d+)|(\d+)|(<<|>>|<>|<=|>=|[=<>()[\]{}:,.*+-])/y,
  kinds: ['word', 'quoted', 'string', 'parameter', 'number', 'integer', 'sign'],
};
/** DynamoDB takes expressions of up to 4 KB, and statements of up to 8,192 characters, which are counted in bytes here. */
const EXPRESSION_BYTES_MAX = 4096;
const STATEMENT_BYTES_MAX = 8192;

const tokenText = (kind: TokenKind, text: string, parameters: number): string => {
  if (kind === 'quoted') return text.replaceAll('""', '"');
  if (kind === 'string') return text.replaceAll("''", "'");
  return kind === 'parameter' ? `?${parameters}` : text;
};

const tokensOf = (subject: string, text: string, { pattern, kinds }: Lexicon): Token[] => {
  let parameters = 0;
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      throw validationError(
        `Invalid ${subject}: Syntax error; token: "${text[at]}", near: "${text.slice(Math.max(0, at - 5), at + 5)}"`,
      );
    }
    const group = match.findIndex((part, i) => i > 0 && part !== undefined);
    if (group <= 0) continue;
    const kind = kinds[group - 1]!;
    tokens.push({ kind, text: tokenText(kind, match[group]!, parameters), at });
    if (kind === 'parameter') parameters++;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: text.length });
  return tokens;
};

/** Reads the tokens of one expression; its errors name the expression by `subject`, as DynamoDB does. */
export class Tokens {
  readonly subject: string;
  /** Whether this is PartiQL, which has literals and parameters instead of placeholders. */
  readonly isStatement: boolean;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(subject: string, text: string, language: 'expression' | 'statement' = 'expression') {
    const isStatement = language === 'statement';
    const bytesMax = isStatement ? STATEMENT_BYTES_MAX : EXPRESSION_BYTES_MAX;
    if (text.trim() === '') throw validationError(`Invalid ${subject}: The expression can not be empty;`);
    if (Buffer.byteLength(text) > bytesMax) {
      throw validationError(
        `Invalid ${subject}: Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(text)}`,
      );
    }
    this.subject = subject;
    this.#text = text;
    this.isStatement = isStatement;
    this.#tokens = tokensOf(subject, text, isStatement ? STATEMENTS : EXPRESSIONS);
  }

  /** The placeholders of a kind that the expression has, each once. */
  placeholders(kind: 'name' | 'value' | 'parameter'): string[] {
    return [...new Set(this.#tokens.filter((token) => token.kind === kind).map(({ text }) => text))];
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** Takes the next token if it is this sign. */
  accept(sign: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next++;
    return true;
  }

  expect(sign: string): void {
    if (!this.accept(sign)) throw this.syntaxError();
  }

  /** Whether the next token, or the one `ahead` tokens after it, is this word in any case. `word` itself must be in capitals. */
  isKeyword(word: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === 'word' && text.toUpperCase() === word;
  }

  acceptKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.#next++;
    return true;
  }

  expectKeyword(word: string): void {
    if (!this.acceptKeyword(word)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.syntaxError();
  }

  /** The error for a next token that is not allowed here. */
  syntaxError(): Error {
    const { text, at } = this.peek();
    const near = this.#text.slice(Math.max(0, at - 8), at + text.length + 8).trim();
    return this.error(`Syntax error; token: "${text}", near: "${near}"`);
  }

  error(complaint: string): Error {
    return validationError(`Invalid ${this.subject}: ${complaint}`);
  }
}
