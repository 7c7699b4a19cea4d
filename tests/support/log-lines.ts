import type { Logger } from '@aws-lambda-powertools/logger';

/** Makes a logger give each line to a function instead of printing it. */
export const printTo = (logger: Logger, print: (line: string) => void): void => {
  Object.assign(logger, { console: { ...console, error: print, warn: print, info: print, debug: print } });
};

/** Collects the lines that a logger would print from now on. */
export const linesOf = (logger: Logger): string[] => {
  const lines: string[] = [];
  printTo(logger, (line) => void lines.push(line));
  return lines;
};
