import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { workloadOf } from './workload/index.ts';

describe('a seed', () => {
  it('replays step by step, and runs differently if a fault is left out', async () => {
    const stack = synthesizeStack();
    const traceOf = async (faults: ReadonlySet<(typeof FAULTS)[number]>): Promise<string> => {
      const lines: string[] = [];
      await judgedRun(stack, workloadOf(3), { seed: 3, faults, trace: (line) => lines.push(line) });
      return lines.join('\n');
    };
    const all = new Set(FAULTS);
    const trace = await traceOf(all);
    expect(trace).toContain('fault: crash');
    expect(await traceOf(all)).toBe(trace);
    expect(await traceOf(new Set(FAULTS.filter((fault) => fault !== 'crash')))).not.toBe(trace);
  });
});
