import { spawn } from 'node:child_process';
import { once } from 'node:events';

const SECOND_US = 1_000_000;
const KIB_PER_MIB = 1_024;

const REPORT_USAGE = "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())))";

/** Runs a script in a separate process, which reports its own resource use at its end. */
export const usageOf = async (
  environment: NodeJS.ProcessEnv,
  script: string,
  ...parameters: string[]
): Promise<{ peakMib: number; cpuSeconds: number; output: string }> => {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT_USAGE)}`;
  const child = spawn(process.execPath, ['--import', preload, script, ...parameters], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  let report = '';
  child.stderr.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${script}: expected exit code 0, got ${code}: ${report}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(report) as NodeJS.ResourceUsage;
  return { peakMib: maxRSS / KIB_PER_MIB, cpuSeconds: (userCPUTime + systemCPUTime) / SECOND_US, output };
};
