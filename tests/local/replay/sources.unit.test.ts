import { readFileSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { splitJson } from '#local/replay/sources/json-values.ts';
import { ndjsonSource } from '#local/replay/sources/ndjson.ts';
import type { Source, SourceRecord } from '#local/replay/sources/source.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const MIB = 1024 * 1024;

const all = async (source: Source): Promise<SourceRecord[]> =>
  (await Array.fromAsync(source.records())).flat();

/** Every record that can be sent, read again from its own bytes, as shuffling does. */
const again = async (source: Source) => {
  const records = await all(source);
  const file = readFileSync(source.path);
  return records.flatMap((record, i) => {
    if (record.kind === 'unreadable') return [];
    const bytes = file.subarray(record.start, records[i + 1]?.start ?? source.bytes);
    return [source.again(bytes, i)];
  });
};

const sendables = async (source: Source) =>
  (await all(source)).flatMap((record) => (record.kind === 'sendable' ? [record.sendable] : []));

const unreadables = async (source: Source) =>
  (await all(source)).flatMap((record) =>
    record.kind === 'unreadable' ? [[record.line, record.reason]] : [],
  );

describe('JSON over several lines', () => {
  it('is cut into its elements, each put on one line and with the number of its first line', () => {
    expect(splitJson('[\n {"a": 1e2,\n  "b": "]\\""},\n\n [1]\n]\n')).toEqual([
      { text: '{"a": 1e2, "b": "]\\""}', line: 2 },
      { text: '[1]', line: 5 },
    ]);
    expect(splitJson('{\n"a":1}\n{"b":\n2}')).toEqual([
      { text: '{ "a":1}', line: 1 },
      { text: '{"b": 2}', line: 3 },
    ]);
  });

  it.each([
    '',
    '{"a":',
    '[{"a":1},',
    '[{"a":1} {"b":2}]',
    '[1, 2]',
    '{"a":1}}',
    'x',
    '["a", {"b":1}]',
    '[]',
    '{"a":\n1}\nhello\n{"b":2}',
    '"a"\n{"b":1}',
  ])('is not recognised in %j', (text) => {
    expect(splitJson(text)).toBeUndefined();
  });
});

describe('a file of events', () => {
  let files = 0;
  const events = (content: string | Buffer): Source => {
    const path = directory.write(`events-${files++}.ndjson`, content);
    return ndjsonSource(path, 'events.ndjson', statSync(path).size);
  };

  it('gives its lines as they are written, and each line that is not JSON as a message of its own', async () => {
    const lines = ['{"a": 1e2}', 'not json', '123', '{"a":', '"text"', 'NaN', ' {"b":2} '];
    expect(await sendables(events(lines.join('\n')))).toEqual([
      { text: '{"a": 1e2}', alone: false },
      { text: 'not json', alone: true },
      { text: '123', alone: false },
      { text: '{"a":', alone: true },
      { text: '"text"', alone: false },
      { text: 'NaN', alone: true },
      { text: ' {"b":2} ', alone: false },
    ]);
  });

  it('gives a line that is a whole batch as a message of its own', async () => {
    expect(await sendables(events('[{"a":1},{"a":2}]\n'))).toEqual([
      { text: '[{"a":1},{"a":2}]', alone: true },
    ]);
  });

  it('may have blank lines, CRLF, a byte order mark and no newline at its end', async () => {
    const source = events('\ufeff{"a":1}\r\n\r\n  \n{"b":2}\r\nx\r\n\n{"c":3}');
    const expected = ['{"a":1}', '{"b":2}', 'x', '{"c":3}'];
    expect((await sendables(source)).map(({ text }) => text)).toEqual(expected);
    expect((await again(source)).map(({ text }) => text)).toEqual(expected);
  });

  it('gives characters above U+FFFF as escapes, which some queues need, and the line numbers of the file that it was made from', async () => {
    const path = directory.write('emoji.ndjson', '{"a":"🧧"}\nnot 🧧\n');
    const records = await all(ndjsonSource(path, 'emoji', statSync(path).size, [7, 9]));
    expect(records).toMatchObject([
      { line: 7, sendable: { text: '{"a":"\\ud83e\\udde7"}' } },
      { line: 9, sendable: { text: 'not \\ud83e\\udde7', alone: true } },
    ]);
  });

  it('may be empty', async () => {
    expect(await all(events(''))).toEqual([]);
    expect(await all(events('\n\n'))).toEqual([]);
  });

  it('keeps lines that span two reads', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => JSON.stringify({ i, pad: '增'.repeat(i % 300) }));
    const source = events(lines.join('\n'));
    expect((await sendables(source)).map(({ text }) => text)).toEqual(lines);
    expect((await again(source)).map(({ text }) => text)).toEqual(lines);
  });

  it('names the lines that no message can carry, and continues', async () => {
    const long = `"${'x'.repeat(MIB)}"`;
    const source = events(
      Buffer.concat([
        Buffer.from(`{"a":1}\n${long}\n`),
        Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
        Buffer.from('bell \u0007\n{"b":2}\n'),
      ]),
    );
    expect(await unreadables(source)).toEqual([
      [2, `is longer than ${MIB - 2} bytes, which SQS does not carry`],
      [3, 'is not UTF-8, which SQS does not carry'],
      [4, 'holds U+0007, which SQS does not carry'],
    ]);
    expect(await again(source)).toEqual([
      { text: '{"a":1}', alone: false },
      { text: '{"b":2}', alone: false },
    ]);
  });
});
