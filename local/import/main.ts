import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { InputError } from '#local/console/input-error.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { type Parsed, parseArguments, reader } from '../cli/options.ts';
import { EXIT_DONE, EXIT_FAILED, runVerb } from '../cli/verb.ts';
import { convert } from './convert.ts';
import { READING_FLAGS, READING_HELP, READING_TEXTS, type Reading, toReading } from './options.ts';
import { previewLines, proposalLines, totalsLines } from './preview.ts';
import { lookAtOrders } from './read-orders.ts';
import { Refusals } from './refusals.ts';

export const IMPORT_HELP = `Looks at a file of orders, says how it would be read, and writes a mapping by which it can be read again.

  zhihui import FILE [options]

It knows the exports of Shopify, WooCommerce, Magento, Taobao and Tmall, JD and Amazon, and the data sets Online Retail,
Superstore, Olist and theLook. In any other table the columns are recognised by their names, or named by --columns.

${READING_HELP}
  --save FILE.json     where the mapping is written (default: FILE.mapping.json in the current directory)
  --to FILE.ndjson     write the events, for npm start -- --events
  --rejects FILE       write every refusal as a line of JSON
  --strict             exit with 1 if any row is refused
  --json               print everything as JSON
  --help               this text

Then: npm start -- --orders FILE --mapping FILE.mapping.json
Exit status: 0 done, 1 nothing was accepted (or --strict and something refused), 2 an option or the file is wrong.
`;

type ImportOptions = {
  file: string;
  reading: Reading;
  saveFile?: string;
  eventsFile?: string;
  rejectsFile?: string;
  strict: boolean;
  json: boolean;
};

export const parseImportOptions = (args: readonly string[]): Parsed<ImportOptions> =>
  parseArguments(
    args,
    {
      texts: [...READING_TEXTS, 'save', 'to', 'rejects'],
      flags: [...READING_FLAGS, 'strict', 'json'],
      operands: ['FILE'],
    },
    (values, [file]) => {
      const read = reader(values);
      const [saveFile, eventsFile, rejectsFile] = ['save', 'to', 'rejects'].map(read.text);
      return {
        file: file!,
        reading: toReading(read),
        ...(saveFile === undefined ? {} : { saveFile }),
        ...(eventsFile === undefined ? {} : { eventsFile }),
        ...(rejectsFile === undefined ? {} : { rejectsFile }),
        strict: read.flag('strict'),
        json: read.flag('json'),
      };
    },
  );

/** `zhihui import` as a command: parses `args`, does what they say, and gives the exit status. */
export const importMain = (args: readonly string[]): Promise<number> =>
  runVerb(IMPORT_HELP, parseImportOptions(args), async (options) => {
    const scratch = await mkdtemp(join(tmpdir(), 'zhihui-import-'));
    try {
      return await importFile(options, scratch);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });

const importFile = async (options: ImportOptions, scratch: string): Promise<number> => {
  const { file, reading, rejectsFile, eventsFile, strict, json } = options;
  const refusals = new Refusals(rejectsFile);
  const looked = await lookAtOrders(file, reading, scratch);
  const converted = await convert(looked, {
    ...(eventsFile === undefined ? {} : { target: eventsFile }),
    refusals,
    nowMs: Date.now(),
  });
  const saved = save(options, looked.mapping);
  const { totals, first } = converted;
  if (json) {
    const { table, mapping, reasons } = looked;
    const read = { file, encoding: table.encoding, delimiter: table.dialect.delimiter, notes: table.notes };
    const preview = first.map(({ text, line }) => ({ line, event: JSON.parse(text) as unknown }));
    const all = { ...read, mapping, reasons, preview, totals, refused: refusals.first, mappingFile: saved };
    process.stdout.write(`${printableJson(all)}\n`);
  } else {
    const lines = [...proposalLines(looked), ...previewLines(converted), ...totalsLines(totals)];
    process.stdout.write(`${lines.join('\n')}\n`);
    for (const line of refusals.lines()) process.stdout.write(`  ${line}\n`);
    process.stdout.write(printable(`mapping: ${saved}`).concat('\n'));
  }
  const isEmpty = totals.paid.events + totals.refunded.events === 0;
  return isEmpty || (strict && refusals.count > 0) ? EXIT_FAILED : EXIT_DONE;
};

/** Writes the mapping and returns its path. Throws an InputError if it cannot be written. */
const save = ({ saveFile, file }: ImportOptions, mapping: object): string => {
  const path = saveFile ?? `${basename(file)}.mapping.json`;
  try {
    writeFileSync(path, `${JSON.stringify(mapping, null, 2)}\n`);
    return path;
  } catch (cause) {
    const { message } = cause as Error;
    throw new InputError(`--save: expected a file that can be written, got ${path} (${message})`, { cause });
  }
};
