/** Parses the expressions of calls, each text once, and resolves their placeholders. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validationError } from '../exceptions.ts';
import { takeIn } from '../values.ts';
import { type Condition, parseCondition } from './conditions.ts';
import { checkOperandTypes, fulfils } from './evaluation.ts';
import type { Bindings, Path, WrittenPath } from './paths.ts';
import { bindProjection, parseProjection } from './projections.ts';
import { Tokens } from './tokens.ts';
import { type BoundUpdate, bindUpdate } from './update-application.ts';
import { type Action, parseUpdate } from './updates.ts';

type Parsed<Tree> = {
  readonly tree: Tree;
  readonly names: readonly string[];
  readonly values: readonly string[];
};

export type BoundCondition = { readonly condition: Condition; readonly bindings: Bindings };

/** Whether an item fulfils a condition, if there is one. */
export const holds = (
  bound: BoundCondition | undefined,
  item: Record<string, AttributeValue> | undefined,
): boolean => bound === undefined || fulfils(bound.condition, item, bound.bindings);

type Placeholders = {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
};

export type Expressions = Placeholders & {
  ConditionExpression?: string | undefined;
  FilterExpression?: string | undefined;
  KeyConditionExpression?: string | undefined;
  ProjectionExpression?: string | undefined;
  UpdateExpression?: string | undefined;
};

export type BoundExpressions = {
  readonly condition: BoundCondition | undefined;
  readonly filter: BoundCondition | undefined;
  readonly keyCondition: BoundCondition | undefined;
  readonly projection: readonly Path[] | undefined;
  readonly update: BoundUpdate | undefined;
};

const NO_NAMES: Bindings['names'] = {};
const NO_EXPRESSIONS: BoundExpressions = {
  condition: undefined,
  filter: undefined,
  keyCondition: undefined,
  projection: undefined,
  update: undefined,
};

/** Whether a call has neither an expression nor a placeholder. */
const isPlain = (input: Expressions): boolean =>
  input.ConditionExpression === undefined &&
  input.FilterExpression === undefined &&
  input.KeyConditionExpression === undefined &&
  input.ProjectionExpression === undefined &&
  input.UpdateExpression === undefined &&
  input.ExpressionAttributeNames === undefined &&
  input.ExpressionAttributeValues === undefined;

/** The most texts kept for a subject, such as FilterExpression. Programs have few, unless calls write values into their texts. */
const CACHED_MAX = 10_000;

/** The expressions that were parsed so far, each only once. */
export class ExpressionCache {
  /** By subject and text. */
  readonly #parsed = new Map<string, Map<string, Parsed<unknown>>>();

  #parse<Tree>(subject: string, text: string, parse: (tokens: Tokens) => Tree): Parsed<Tree> {
    let ofSubject = this.#parsed.get(subject);
    if (ofSubject === undefined) {
      ofSubject = new Map();
      this.#parsed.set(subject, ofSubject);
    }
    const known = ofSubject.get(text);
    if (known !== undefined) return known as Parsed<Tree>;
    const tokens = new Tokens(subject, text);
    const tree = parse(tokens);
    tokens.expectEnd();
    const parsed = { tree, names: tokens.placeholders('name'), values: tokens.placeholders('value') };
    if (ofSubject.size >= CACHED_MAX) ofSubject.clear();
    ofSubject.set(text, parsed);
    return parsed;
  }

  /**
   * The expressions of a call with their placeholders resolved. Throws a ValidationException for what DynamoDB refuses: errors of
   * syntax, unknown or unused placeholders, overlapping paths, operands of a wrong type.
   */
  bind(input: Expressions): BoundExpressions {
    if (isPlain(input)) return NO_EXPRESSIONS;
    const condition = (subject: 'ConditionExpression' | 'FilterExpression' | 'KeyConditionExpression') => {
      const text = input[subject];
      return text === undefined ? undefined : this.#parse(subject, text, parseCondition);
    };
    const filter = condition('FilterExpression');
    const keyCondition = condition('KeyConditionExpression');
    const conditional = condition('ConditionExpression');
    const projection =
      input.ProjectionExpression === undefined
        ? undefined
        : this.#parse<WrittenPath[]>('ProjectionExpression', input.ProjectionExpression, parseProjection);
    const update =
      input.UpdateExpression === undefined
        ? undefined
        : this.#parse<Action[]>('UpdateExpression', input.UpdateExpression, parseUpdate);
    const bindings = bindingsOf(input, [
      ['ConditionExpression', conditional],
      ['FilterExpression', filter],
      ['KeyConditionExpression', keyCondition],
      ['ProjectionExpression', projection],
      ['UpdateExpression', update],
    ]);
    const bound = (subject: string, parsed: Parsed<Condition> | undefined): BoundCondition | undefined => {
      if (parsed === undefined) return undefined;
      checkOperandTypes(subject, parsed.tree, bindings);
      return { condition: parsed.tree, bindings };
    };
    return {
      condition: bound('ConditionExpression', conditional),
      filter: bound('FilterExpression', filter),
      keyCondition: bound('KeyConditionExpression', keyCondition),
      projection: projection && bindProjection(projection.tree, bindings.names),
      update: update && bindUpdate(update.tree, bindings),
    };
  }
}

/** Reads the placeholders, and checks that each one used is given and each one given is used. */
const bindingsOf = (
  input: Placeholders,
  parsed: readonly (readonly [subject: string, Parsed<unknown> | undefined])[],
): Bindings => {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: given } = input;
  if (parsed.every(([, expression]) => expression === undefined)) {
    for (const subject of ['ExpressionAttributeNames', 'ExpressionAttributeValues'] as const) {
      if (input[subject] !== undefined)
        throw validationError(`${subject} can only be specified when using expressions`);
    }
  }
  if (names !== undefined) checkGiven('ExpressionAttributeNames', names, /^#[A-Za-z0-9_]+$/);
  if (given !== undefined) checkGiven('ExpressionAttributeValues', given, /^:[A-Za-z0-9_]+$/);
  const usedNames = new Set<string>();
  const usedValues = new Set<string>();
  for (const [subject, expression] of parsed) {
    if (expression === undefined) continue;
    for (const name of expression.names) {
      if (names?.[name] === undefined) {
        throw validationError(
          `Invalid ${subject}: An expression attribute name used in the document path is not defined; attribute name: ${name}`,
        );
      }
      usedNames.add(name);
    }
    for (const value of expression.values) {
      if (given?.[value] === undefined) {
        throw validationError(
          `Invalid ${subject}: An expression attribute value used in expression is not defined; attribute value: ${value}`,
        );
      }
      usedValues.add(value);
    }
  }
  checkUsed('ExpressionAttributeNames', names, usedNames);
  checkUsed('ExpressionAttributeValues', given, usedValues);
  const values: Record<string, AttributeValue> = {};
  for (const name in given) values[name] = takeIn(given[name]!);
  return { names: names ?? NO_NAMES, values };
};

const checkGiven = (subject: string, given: object, pattern: RegExp): void => {
  const keys = Object.keys(given);
  if (keys.length === 0) throw validationError(`${subject} must not be empty`);
  for (const key of keys) {
    if (!pattern.test(key))
      throw validationError(`${subject} contains invalid key: Syntax error; key: "${key}"`);
  }
};

const checkUsed = (subject: string, given: object | undefined, used: ReadonlySet<string>): void => {
  const unused: string[] = [];
  for (const key in given) if (!used.has(key)) unused.push(key);
  if (unused.length > 0)
    throw validationError(`Value provided in ${subject} unused in expressions: keys: {${unused.join(', ')}}`);
};
