/** Turns what a schema found into one refusal: the first fault, in an order that is always the same. */
import type * as z from 'zod/mini';
import { type Rejection, type RejectReason, rejection, show } from './rejection.ts';
import { TIME_EXPECTED } from './time.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/** A path as a person would write it. A key that is not a plain word may be anything, so it is quoted and cut. */
const fieldAt = (path: Path, root: string): string => {
  let field = '';
  for (const key of path) {
    if (typeof key === 'number') field += `[${key}]`;
    else if (PLAIN_KEY.test(String(key))) field += field === '' ? String(key) : `.${String(key)}`;
    else field += `[${show(String(key))}]`;
  }
  return field === '' ? root : field;
};

const valueAt = (value: unknown, path: Path): unknown => {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
};

/** A number instead of an integer (1.5, 1e999) has the right type, so it counts as out of range. */
const reasonOf = (issue: Issue, value: unknown): RejectReason => {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'never') return 'unknown-field';
      return typeof value === 'number' && (issue.expected === 'number' || issue.expected === 'int')
        ? 'out-of-range'
        : 'wrong-type';
    case 'invalid_value':
    case 'invalid_union':
      return typeof value === 'string' ? 'out-of-range' : 'wrong-type';
    case 'invalid_format':
      return issue.message === TIME_EXPECTED ? 'bad-time' : 'bad-format';
    case 'too_big':
    case 'too_small':
    case 'not_multiple_of':
      return 'out-of-range';
    case 'unrecognized_keys':
      return 'unknown-field';
    case 'invalid_key':
    case 'invalid_element':
      return 'rule-broken';
    case 'custom':
      return issue.message === TIME_EXPECTED ? 'bad-time' : 'rule-broken';
    default:
      return issue satisfies never;
  }
};

/** What the schema expected, in words: the schema's own text, the list of the allowed values, or that there is no such field. */
const expectedBy = (issue: Issue): string => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'no such field';
    case 'invalid_value':
      return issue.values.map(show).join(' or ');
    case 'invalid_union':
      return issue.inclusive === false ? issue.message : (issue.options ?? []).map(show).join(' or ');
    default:
      return issue.message;
  }
};

/**
 * The first fault of `value`: the envelope's before the data's, fields in the order of the schema, then unknown fields in the
 * order of their names, so that equal events get equal refusals however their JSON is written. `root` names the value itself, in
 * case it is at fault as a whole.
 */
export const firstFault = (issues: readonly Issue[], value: unknown, root: string): Rejection => {
  const issue = issues.find(({ path }) => path[0] !== 'data') ?? issues[0];
  if (issue === undefined) throw new Error(`no fault was found in the ${root} that was refused`);
  const path =
    issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys.toSorted()[0] ?? ''] : issue.path;
  const given = valueAt(value, path);
  const isNullAttribute = given === null && path.length === 1 && root === 'event';
  const isMissing = issue.code !== 'unrecognized_keys' && (given === undefined || isNullAttribute);
  return rejection(
    isMissing ? 'missing-field' : reasonOf(issue, given),
    fieldAt(path, root),
    expectedBy(issue),
    given,
  );
};
