import { type ArchitectureRule, codeOf } from './sources.ts';

const FOLDERS = /^(?:domain|platform|lambdas)\//;
/** What is logged: an error's message, sooner or later, and the fields of a line. */
const LOGGED = /\bnew (?:\w*Error)\(|\blogger\.\w+\(/g;
/** What names a member, an order, an event or a grant. */
const IDENTITY = /\b(?:order|member|alias|coupon|event|grant)Ids?\b|\.(?:member|alias|id|orderId|memberId)\b/;

/** The code after an opening bracket, up to the bracket that closes it. */
const argumentsFrom = (code: string, start: number): string => {
  let depth = 1;
  let end = start;
  for (; end < code.length && depth > 0; end++) {
    if (code[end] === '(') depth++;
    if (code[end] === ')') depth--;
  }
  return code.slice(start, end);
};

/** No message of an error and no line of the log contains an id of a member, an order, an event or a grant. */
export const logContentRule: ArchitectureRule = (sources) =>
  Object.entries(sources)
    .filter(([path]) => FOLDERS.test(path))
    .flatMap(([path, text]) => {
      const code = codeOf(text);
      return [...code.matchAll(LOGGED)].flatMap(({ index, 0: match }) => {
        const [identity] = IDENTITY.exec(argumentsFrom(code, index + match.length)) ?? [];
        const line = code.slice(0, index).split('\n').length;
        return identity === undefined ? [] : [`${path}:${line}: ${identity} gets into the log`];
      });
    });
