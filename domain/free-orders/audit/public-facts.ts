/** What is public of a draw so far, as one object: anybody who keeps it can compare the export with it later. */
import { slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { OpenDraw, OpenSlotDraw } from '../draw/open-draw.ts';
import { readSlots } from '../entries/draws-table.ts';
import type { ExportPlace } from '../entries/export-items.ts';
import type { Publication } from './published.ts';

/** The export that the pipeline makes when a draw ends. Others, with later refunds, are made on request. */
export const FIRST_REVISION = 'first';

const PUBLIC_NAME = 'published.ndjson';

/** The key of the publications with an export's root. They are stored after the export, so if they exist, it is complete. */
export const publicObject = ({ campaignId, revision }: ExportPlace): string =>
  `draws/${campaignId}/${revision}/${PUBLIC_NAME}`;

/** The key of the publications so far, with the root of the first export once that export is complete. */
export const currentObject = (campaignId: string): string => `draws/${campaignId}/${PUBLIC_NAME}`;

export const publishedText = (publications: readonly Publication[]): Uint8Array =>
  Buffer.from(publications.map((publication) => `${JSON.stringify(publication)}\n`).join(''));

const statementsOf = async (runtime: Runtime, { campaignId, rules }: OpenSlotDraw): Promise<Publication[]> =>
  (await readSlots(runtime, campaignId, slotsOf(rules))).flatMap((state) =>
    state.kind === 'closed' || state.kind === 'drawn' ? [{ kind: 'slot', statement: state.statement }] : [],
  );

/** The facts, and the statements of all slots that are closed. A slot is not drawn before its statement is among them. */
export const publicationsOf = async (runtime: Runtime, draw: OpenDraw): Promise<Publication[]> => [
  { kind: 'facts', facts: draw.facts },
  ...(draw.mode === 'slot' ? await statementsOf(runtime, draw) : []),
];

/**
 * Stores what is public now, unless it is stored already. So each version of the object shows when more became public.
 */
export const publishFacts = async (runtime: Runtime, objects: Objects, draw: OpenDraw): Promise<void> => {
  const { campaignId } = draw;
  const key = currentObject(campaignId);
  const text =
    (await objects.get(publicObject({ campaignId, revision: FIRST_REVISION }))) ??
    publishedText(await publicationsOf(runtime, draw));
  const known = await objects.get(key);
  if (known === undefined || Buffer.compare(known, text) !== 0) await objects.put(key, text);
};
