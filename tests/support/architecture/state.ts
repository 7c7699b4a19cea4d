import { type ArchitectureRule, codeOf, type Sources } from './sources.ts';

const isPure = (path: string): boolean => path.startsWith('domain/') || path.startsWith('platform/');

const pureSources = (sources: Sources): [path: string, code: string][] =>
  Object.entries(sources)
    .filter(([path]) => isPure(path))
    .map(([path, text]) => [path, codeOf(text)]);

const lineOf = (code: string, index: number): number => code.slice(0, index).split('\n').length;

/** A variable at module level, where formatted code has no indentation. */
const VARIABLE = /^(?:export )?(?:let|var) (?<name>\w+)/gm;
/** A constant: its name, its type if the code states one, and its value. */
const CONSTANT =
  /^(?:export )?const (?<name>\w+)(?:: (?<type>[^=]*?(?:=>[^=]*?)*))? =\s+(?<value>\S[^\n]*)/gm;

/** Objects that nobody can change; all others that are made with `new` can hold state. */
const UNCHANGEABLE = /^new (?:RegExp|TextEncoder|TextDecoder)\b/;
const READONLY_COLLECTION = /^Readonly(?:Set|Map)</;

const isHoldingState = (type: string | undefined, value: string): boolean => {
  if (!value.startsWith('new ') || UNCHANGEABLE.test(value)) return false;
  return !(/^new (?:Set|Map)\b/.test(value) && READONLY_COLLECTION.test(type ?? ''));
};

const MUTATORS = 'push|pop|shift|unshift|splice|sort|reverse|fill|set|add|delete|clear';

/** Whether code writes to a constant's elements or properties, or calls a method that changes it in place. */
const isMutated = (code: string, name: string): boolean =>
  new RegExp(
    String.raw`(?<![.\w])${name}(?:\.\w+|\[[^\]]*\])*(?:\.(?:${MUTATORS})\(|(?:\.\w+|\[[^\]]*\])\s*(?:[-+*/|&^%]|\*\*|\?\?|<<|>>>?)?=(?![=>])|(?:\.\w+|\[[^\]]*\])(?:\+\+|--))`,
  ).test(code);

/**
 * Nothing in a module may change between two calls: two workers in one process would share it. A collection
 * at module level is of a read-only type, and an object or array literal is never changed.
 */
export const moduleStateRule: ArchitectureRule = (sources) =>
  pureSources(sources).flatMap(([path, code]) => {
    const variables = [...code.matchAll(VARIABLE)].map(
      ({ index, groups }) => `${path}:${lineOf(code, index)}: ${groups!.name} is a variable of the module`,
    );
    const constants = [...code.matchAll(CONSTANT)].flatMap(({ index, groups }) => {
      const { name = '', type, value = '' } = groups!;
      if (isHoldingState(type?.trim(), value))
        return [`${path}:${lineOf(code, index)}: ${name} is an object that may hold state`];
      return isMutated(code, name)
        ? [`${path}:${lineOf(code, index)}: ${name} is changed after it is made`]
        : [];
    });
    return [...variables, ...constants];
  });

/** Calls that read the outside world or wait for it. All of them must come through the runtime. */
const AMBIENT = [
  /\bDate\.now\b/g,
  /\bnew Date\(\s*\)/g,
  /\bMath\.random\b/g,
  /\bprocess\./g,
  /\bset(?:Timeout|Interval|Immediate)\b/g,
  /\bperformance\./g,
  /\brandom(?:UUID|Bytes|Int)\b/g,
  /\bgetRandomValues\b/g,
  /(?<![.\w])fetch\(/g,
];

export const ambientRule: ArchitectureRule = (sources) =>
  pureSources(sources).flatMap(([path, code]) =>
    AMBIENT.flatMap((pattern) =>
      [...code.matchAll(pattern)].map(
        ({ index, 0: match }) => `${path}:${lineOf(code, index)}: ${match} does not come from the runtime`,
      ),
    ),
  );
