import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { handlerLogs, type LogRecord } from '#local/aws/handler-logs.ts';
import { readLines } from '#local/aws/lines.ts';

const metrics = (Table: string, rest: object) => JSON.stringify({ _aws: {}, Table, ...rest });

describe('the logs of functions', () => {
  it('add up the capacity that their metrics state, by table', () => {
    const logs = handlerLogs();
    logs.line('metrics', metrics('things', { ReadUnits: 0.5, WriteUnits: 2, Calls: 1 }));
    logs.line('rollup', metrics('things', { ReadUnits: [1, 2], WriteUnits: 0, Calls: [1, 1] }));
    logs.line('rollup', metrics('others', { Calls: 1 }));
    logs.line('rollup', JSON.stringify({ Table: 'things', ReadUnits: 99 }));
    logs.line('rollup', '{"_aws": broken');
    expect(Object.fromEntries(logs.consumed())).toEqual({
      things: { readUnits: 3.5, writeUnits: 2, calls: 3 },
      others: { readUnits: 0, writeUnits: 0, calls: 1 },
    });
  });

  it('pass on warnings and errors only, and write everything to the file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'logs-'));
    const file = join(directory, 'run.log');
    const seen: LogRecord[] = [];
    const logs = handlerLogs(file, (record) => seen.push(record));
    logs.line('intake', '{"level":"INFO","message":"fine"}');
    logs.line('intake', '{"level":"WARN","message":"hm"}');
    logs.line('intake', '{"level":"CRITICAL","message":"no"}');
    logs.line('intake', 'plain text');
    logs.report({ functionName: 'intake', level: 'ERROR', line: 'it died' });
    logs.close();
    expect(seen.map(({ level, line }) => [level, line])).toEqual([
      ['WARN', '{"level":"WARN","message":"hm"}'],
      ['ERROR', '{"level":"CRITICAL","message":"no"}'],
      ['ERROR', 'it died'],
    ]);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      'intake {"level":"INFO","message":"fine"}',
      'intake {"level":"WARN","message":"hm"}',
      'intake {"level":"CRITICAL","message":"no"}',
      'intake plain text',
      'intake ERROR it died',
      '',
    ]);
    rmSync(directory, { recursive: true });
  });

  it('come in whole lines wherever the pipe cuts them, even within a character of several bytes', async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    readLines(stream, (line) => lines.push(line));
    for (const byte of Buffer.from('eins\nzwölf 惠\nrest')) stream.write(Buffer.of(byte));
    stream.end();
    await new Promise((resolve) => stream.on('close', resolve));
    expect(lines).toEqual(['eins', 'zwölf 惠', 'rest']);
  });
});
