import { closeSync, openSync, writeSync } from 'node:fs';

/** Something that a user should see: a function printed it, or its pool or its event source reports it. */
export type LogRecord = {
  readonly functionName: string;
  readonly level: 'WARN' | 'ERROR';
  readonly line: string;
};

/** What the handlers' metrics report for one table: capacity units and calls. */
export type Consumed = { readonly readUnits: number; readonly writeUnits: number; readonly calls: number };

/** A longer record is cut. A stack trace fits, a dumped payload does not. */
const RECORD_CHARS_MAX = 4_000;

export type HandlerLogs = {
  /** A line of a function's standard output. */
  line(functionName: string, line: string): void;
  /** Something worth a look: a line of standard error, or a failed invocation. */
  report(record: LogRecord): void;
  /** Totals by table name since the start. */
  consumed(): Map<string, Consumed>;
  close(): void;
};

/**
 * Reads what the functions print: adds up the capacity that their metrics (CloudWatch EMF lines with Table, ReadUnits,
 * WriteUnits and Calls) state, forwards warnings and errors, and appends everything to the file, if there is one. Keeps only
 * totals, so its memory does not grow with a run.
 */
export const handlerLogs = (logFile?: string, onLog: (record: LogRecord) => void = () => {}): HandlerLogs => {
  const file = logFile === undefined ? undefined : openSync(logFile, 'a');
  const totals = new Map<string, Consumed>();
  const write = (functionName: string, line: string): void => {
    if (file !== undefined) writeSync(file, `${functionName} ${line}\n`);
  };

  const report = ({ functionName, level, line }: LogRecord): void => {
    write(functionName, `${level} ${line}`);
    onLog({ functionName, level, line: line.slice(0, RECORD_CHARS_MAX) });
  };
  return {
    line(functionName, line) {
      write(functionName, line);
      const entry = line.startsWith('{') ? parse(line) : undefined;
      if (entry === undefined) return;
      if ('_aws' in entry) addConsumed(totals, entry);
      const level = levelOf(entry.level);
      if (level !== undefined) onLog({ functionName, level, line: line.slice(0, RECORD_CHARS_MAX) });
    },
    report,
    consumed: () => new Map(totals),
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
};

const addConsumed = (totals: Map<string, Consumed>, entry: Record<string, unknown>): void => {
  const { Table } = entry;
  if (typeof Table !== 'string') return;
  const { readUnits, writeUnits, calls } = totals.get(Table) ?? { readUnits: 0, writeUnits: 0, calls: 0 };
  totals.set(Table, {
    readUnits: readUnits + sum(entry.ReadUnits),
    writeUnits: writeUnits + sum(entry.WriteUnits),
    calls: calls + sum(entry.Calls),
  });
};

/** A metric's value in EMF is a number or, when it was added more than once, a list of numbers. */
const sum = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((total: number, item) => total + sum(item), 0);
  return typeof value === 'number' ? value : 0;
};

const levelOf = (level: unknown): LogRecord['level'] | undefined => {
  if (level === 'WARN') return 'WARN';
  return level === 'ERROR' || level === 'CRITICAL' ? 'ERROR' : undefined;
};

const parse = (line: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
};
