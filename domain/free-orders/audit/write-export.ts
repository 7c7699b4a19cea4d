/** The last stage of an export: merges the runs and writes the lines, in parts that do not depend on who writes them. */
import { slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { limitsMembers } from '../draw/member-wins.ts';
import type { OpenDraw, OpenSlotDraw } from '../draw/open-draw.ts';
import { paidOutOf } from '../draw/settle-refunds.ts';
import { ALL_RUNS, readAllFixed, runsOf } from '../entries/export-items.ts';
import { type ExportRecord, standingRecord } from '../entries/export-record.ts';
import { INSTANT_SLOT } from '../entries/kept-orders.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { readSlotLinks } from '../entries/slot-links.ts';
import { type EntryKey, mergeRuns } from '../entries/sorted-runs.ts';
import { entryName } from '../rules/entry.ts';
import { type DecidedSlot, fixRefunds, readDecided } from './decide-slot.ts';
import { ExportWriter, type WriterState } from './export-writer.ts';
import { type Exporting, readDrawnSlot } from './exporting.ts';
import type { FixedRun } from './sort-orders.ts';
import { readLinks } from './stored-links.ts';

/** A part is written when it has at least this many bytes. S3 takes parts of 5 MiB or more, and at most 10,000 of them. */
export const PART_BYTES = 8 * 1024 * 1024;

/**
 * Where a worker continues to write. `section` counts slots; the late orders follow the last slot. `after` is
 * the last entry that is written; it is left out if no entry of the section is written. `isOpen` says whether the
 * section's opening lines are written.
 */
export type WriteState = {
  upload: string;
  tags: string[];
  section: number;
  isOpen: boolean;
  after?: EntryKey;
  writer: WriterState;
};

/** The key of an export's object. */
export const exportObject = ({ campaignId, revision }: Pick<Exporting, 'campaignId' | 'revision'>): string =>
  `draws/${campaignId}/${revision}/draw.ndjson`;

/** The function that gives an eligible entry of a slot its outcome: `rest`, unless the entry was offered a prize. */
const slotEnds = (
  { rules }: OpenSlotDraw,
  { offered, rest }: DecidedSlot,
  givenBack: GivenBack,
): ((record: ExportRecord) => ExportRecord) => {
  const byName = new Map(offered.map((one) => [one.name, one]));
  return (record) => {
    if (record.ticket === null) return record;
    const one = byName.get(entryName(record.entry, rules.format));
    if (one === undefined) return { ...record, outcome: rest };
    const { outcome, awardFen, win } = one;
    const paidOutFen =
      win === undefined ? awardFen : paidOutOf(rules, win, givenBack.get(win.participation) ?? 0);
    return { ...record, outcome, awardFen, paidOutFen };
  };
};

/** A stretch of an export: the lines that it begins with, and its entries after a given one. */
type Section = {
  opening: (writer: ExportWriter) => string[];
  entries: (after: EntryKey | undefined) => AsyncIterable<ExportRecord>;
};

const linkLines = (writer: ExportWriter, links: readonly LinkedIds[]): string[] =>
  links.map((link) => writer.link(link));

const sectionsOf = (draw: OpenDraw): number => (draw.mode === 'instant' ? 1 : slotsOf(draw.rules) + 1);

/** The sections of an export, by their number. */
class Sections {
  readonly #exporting: Exporting;
  #givenBack: GivenBack | undefined;

  constructor(exporting: Exporting) {
    this.#exporting = exporting;
  }

  async *#merged(
    prefix: string,
    of: (run: FixedRun) => FixedRun['inTime'],
    after: EntryKey | undefined,
  ): AsyncGenerator<ExportRecord> {
    const { runtime, objects, draw } = this.#exporting;
    const runs = await readAllFixed<FixedRun>(runtime, this.#exporting, prefix);
    for await (const group of mergeRuns(objects, runs.map(of), draw.rules.format, after))
      yield standingRecord(group);
  }

  async #slot(exporting: Exporting<OpenSlotDraw>, slot: number): Promise<Section> {
    const { statement, randomness, signature } = await readDrawnSlot(exporting, slot);
    const merged = (after: EntryKey | undefined) => this.#merged(runsOf(slot), ({ inTime }) => inTime, after);
    const links = limitsMembers(exporting.draw.rules)
      ? await readSlotLinks(exporting.runtime, exporting.campaignId, slot)
      : undefined;
    this.#givenBack ??= await fixRefunds(exporting);
    const endOf = slotEnds(exporting.draw, await readDecided(exporting, slot), this.#givenBack);
    return {
      opening: (writer) => [
        writer.slot({ ...statement, randomness, signature }),
        ...linkLines(writer, links ?? []),
      ],
      entries: async function* (after) {
        for await (const record of merged(after)) yield endOf(record);
      },
    };
  }

  async #late(exporting: Exporting<OpenSlotDraw>): Promise<Section> {
    const { format } = exporting.draw.rules;
    const inTime = new Set<string>();
    for (let slot = 0; slot < slotsOf(exporting.draw.rules); slot++)
      for (const name of (await readDecided(exporting, slot)).alsoLate) inTime.add(name);
    const merged = (after: EntryKey | undefined) => this.#merged(ALL_RUNS, ({ late }) => late, after);
    return {
      opening: (writer) => [writer.late()],
      entries: async function* (after) {
        for await (const record of merged(after))
          if (!inTime.has(entryName(record.entry, format))) yield record;
      },
    };
  }

  async #instantOpening(): Promise<Section['opening']> {
    const { runtime, objects } = this.#exporting;
    const runs = await readAllFixed<FixedRun>(runtime, this.#exporting, runsOf(INSTANT_SLOT));
    const links = await readLinks(
      objects,
      runs.flatMap(({ links: key }) => key ?? []),
    );
    return (writer) => linkLines(writer, links);
  }

  async of(section: number): Promise<Section> {
    const { draw, ...rest } = this.#exporting;
    switch (draw.mode) {
      case 'instant':
        return {
          opening: await this.#instantOpening(),
          entries: (after) => this.#merged(runsOf(INSTANT_SLOT), ({ inTime }) => inTime, after),
        };
      case 'slot':
        return section < slotsOf(draw.rules)
          ? this.#slot({ ...rest, draw }, section)
          : this.#late({ ...rest, draw });
      default:
        return draw satisfies never;
    }
  }
}

/** Begins an export's object. Its first line is written with the first part. */
export const beginExport = async (exporting: Exporting): Promise<WriteState> => ({
  upload: await exporting.objects.beginUpload(exportObject(exporting)),
  tags: [],
  section: 0,
  isOpen: false,
  writer: new ExportWriter(exporting.draw.rules.format).state(),
});

/**
 * Writes parts until the export is complete, and returns its root. If `isOver` is true after a part, it returns where to continue
 * instead. The same state gives the same bytes, however often and by whomever it is continued.
 */
export const writeExport = async (
  exporting: Exporting,
  from: WriteState,
  isOver: () => boolean,
  partBytes: number = PART_BYTES,
): Promise<{ root: string } | { state: WriteState }> => {
  const { objects, draw } = exporting;
  const { upload } = from;
  const key = exportObject(exporting);
  const writer = new ExportWriter(draw.rules.format, from.writer);
  const sections = new Sections(exporting);
  const tags = [...from.tags];
  let lines: string[] = [];
  let bytes = 0;
  const add = (line: string): void => {
    lines.push(line);
    bytes += Buffer.byteLength(line);
  };
  const flush = async (): Promise<void> => {
    tags.push(await objects.uploadPart(key, upload, tags.length + 1, Buffer.from(lines.join(''))));
    lines = [];
    bytes = 0;
  };
  /** Ends a full part; true if the rest is left to another worker. */
  const isLeft = async (): Promise<boolean> => {
    if (bytes < partBytes) return false;
    await flush();
    return isOver();
  };
  if (from.section === 0 && tags.length === 0) add(writer.header(draw.facts, draw.seed));
  for (let { section, isOpen, after } = from; section < sectionsOf(draw); section++) {
    const { opening, entries } = await sections.of(section);
    if (!isOpen) for (const line of opening(writer)) add(line);
    if (!isOpen && (await isLeft()))
      return { state: { upload, tags, section, isOpen: true, writer: writer.state() } };
    for await (const record of entries(after)) {
      add(writer.entry(record));
      const { orderId, member } = record.entry;
      if (await isLeft())
        return {
          state: { upload, tags, section, isOpen: true, after: [orderId, member], writer: writer.state() },
        };
    }
    isOpen = false;
    after = undefined;
  }
  const { line, root } = writer.close();
  add(line);
  await flush();
  await objects.endUpload(key, upload, tags);
  return { root };
};
