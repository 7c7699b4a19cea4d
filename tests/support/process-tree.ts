import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its descendants have used so far, on Linux. */
export type TreeUse = {
  /** CPU seconds of each function, and of each program that runs no function. */
  readonly cpuSeconds: ReadonlyMap<string, number>;
  /** Processes that are alive. */
  readonly processes: number;
  /** MB of memory, where pages that processes share are counted once. */
  readonly memoryMb: number;
};

export type TreeWatch = {
  /** Looks at the tree now. */
  look(): TreeUse;
  /** The use at the look that found the most memory. */
  readonly largest: TreeUse | undefined;
};

/** The times in /proc are in ticks. Linux tells every program that a second has this many. */
const TICKS_PER_SECOND = 100;
const KB_PER_MB = 1_000;
const KIB = 1.024;

type Stat = { readonly parent: number; readonly cpuSeconds: number };

/** A file of /proc; undefined once its process is gone. */
const readProc = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
};

/** The fields are counted from the one after the command, because the command may contain spaces. */
const statOf = (pid: number): Stat | undefined => {
  const fields = readProc(pid, 'stat')
    ?.replace(/^.*\)\s/s, '')
    .split(' ')
    .map(Number);
  return fields && { parent: fields[1]!, cpuSeconds: (fields[11]! + fields[12]!) / TICKS_PER_SECOND };
};

const treeOf = (root: number): Map<number, Stat> => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name));
      return stat === undefined ? [] : [[Number(name), stat] as const];
    });
  const children = Map.groupBy(all, ([, { parent }]) => parent);
  const tree = new Map(all.filter(([pid]) => pid === root));
  // Entries that are added to the map while the loop runs are visited too.
  for (const [pid] of tree) for (const [child, stat] of children.get(pid) ?? []) tree.set(child, stat);
  return tree;
};

/** The name of the function that a process runs, as in the stack, or else of its program. */
const labelOf = (pid: number): string => {
  const [, lambda] =
    /AWS_LAMBDA_FUNCTION_NAME=[^\0]*?-([a-z-]+)\0/.exec(readProc(pid, 'environ') ?? '') ?? [];
  const [program = ''] = (readProc(pid, 'cmdline') ?? '').split('\0');
  return lambda ?? program.replace(/^.*\//, '');
};

/** Watches a process and its descendants. What a process used is kept after it has ended. */
export const watchTree = (root: number): TreeWatch => {
  const labels = new Map<number, string>();
  const cpuOf = new Map<number, number>();
  let largest: TreeUse | undefined;
  return {
    look() {
      const tree = treeOf(root);
      let memoryMb = 0;
      for (const [pid, { cpuSeconds }] of tree) {
        // The label is read at each look, because a process that has just been forked still has its parent's command.
        labels.set(pid, labelOf(pid) || labels.get(pid) || 'ended');
        cpuOf.set(pid, cpuSeconds);
        const [, kib = '0'] = /^Pss:\s+(\d+) kB/m.exec(readProc(pid, 'smaps_rollup') ?? '') ?? [];
        memoryMb += (Number(kib) * KIB) / KB_PER_MB;
      }
      const cpuSeconds = new Map<string, number>();
      for (const [pid, seconds] of cpuOf) {
        const label = labels.get(pid)!;
        cpuSeconds.set(label, (cpuSeconds.get(label) ?? 0) + seconds);
      }
      const use = { cpuSeconds, processes: tree.size, memoryMb };
      if (memoryMb > (largest?.memoryMb ?? 0)) largest = use;
      return use;
    },
    get largest() {
      return largest;
    },
  };
};
