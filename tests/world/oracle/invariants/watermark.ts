import type { BlockEvent, Facts, Figures, Invariant, Report, Seen } from '../invariant.ts';
import type { Change } from '../observation.ts';

/** What is known of one campaign's blocks. A block is pending from when it is written until it is folded into the rows. */
type Noted = {
  /** The ids of the pending blocks, by the place in the tables that lists them. */
  pending: Map<string, Set<string>>;
  /** Each event of a block that was ever pending, by its id, with the blocks that hold it. */
  events: Map<string, { event: BlockEvent; blocks: Set<string> }>;
};

const BLOCK = 'BLOCK#';
const EXAMPLES = 'examples';
/** Each pending block has an item of its own; the previous version kept the pending blocks of a shard as one set. */
const PENDING = 'PENDING#';
const PENDING_SET = 'PENDING';

const blockIdOf = (text: string): string => text.slice(text.indexOf('/') + 1);

const headOf = (label: string): string => label.split('/')[0]!;

class Blocks {
  readonly #ofCampaign = new Map<string, Noted>();
  readonly #bodies = new Map<string, Uint8Array>();
  readonly #eventsOfBlock: Facts['eventsOfBlock'];

  constructor(eventsOfBlock: Facts['eventsOfBlock']) {
    this.#eventsOfBlock = eventsOfBlock;
  }

  note({ table, key, after }: Change): void {
    if (table !== 'metrics') return;
    const [window = '', item = ''] = key.split('\n');
    const [campaign = '', level] = window.split('#');
    // A model's examples are not orders, and their blocks have a form of their own.
    if (level === EXAMPLES) return;
    if (item.startsWith(BLOCK) && after?.body?.B !== undefined)
      this.#bodies.set(`${campaign} ${item.slice(BLOCK.length)}`, after.body.B);
    if (item === PENDING_SET) this.#notePending(campaign, window, after?.blocks?.SS?.map(blockIdOf) ?? []);
    if (item.startsWith(PENDING)) this.#notePending(campaign, key, after ? [blockIdOf(item)] : []);
  }

  /** Notes which blocks are pending at a place. */
  #notePending(campaign: string, place: string, ids: readonly string[]): void {
    const noted = this.of(campaign);
    const known = noted.pending.get(place) ?? new Set();
    noted.pending.set(place, new Set(ids));
    for (const id of ids) {
      if (known.has(id)) continue;
      for (const event of this.#eventsOfBlock(this.#bodies.get(`${campaign} ${id}`) ?? new Uint8Array())) {
        if (event.brand === '' || headOf(event.label) === '') continue;
        const one = noted.events.get(event.id) ?? { event, blocks: new Set() };
        one.blocks.add(id);
        noted.events.set(event.id, one);
      }
    }
  }

  of(campaign: string): Noted {
    const known = this.#ofCampaign.get(campaign) ?? { pending: new Map(), events: new Map() };
    this.#ofCampaign.set(campaign, known);
    return known;
  }
}

/** Orders and refunds of each brand in blocks that are said to be folded in, each event once. */
const foldedByBrand = ({ pending, events }: Noted): Map<string, { orders: number; refunds: number }> => {
  const open = new Set([...pending.values()].flatMap((ids) => [...ids]));
  const brands = new Map<string, { orders: number; refunds: number }>();
  for (const { event, blocks } of events.values()) {
    if ([...blocks].every((id) => open.has(id))) continue;
    const brand = brands.get(event.brand) ?? { orders: 0, refunds: 0 };
    brands.set(event.brand, brand);
    if (headOf(event.label) === 'paid') brand.orders++;
    else brand.refunds++;
  }
  return brands;
};

const begin = ({ eventsOfBlock }: Facts, report: Report) => {
  const blocks = new Blocks(eventsOfBlock);
  return {
    onStep: ({ changes }: Seen) => {
      for (const change of changes) blocks.note(change);
    },
    onFigures: ({ campaignId, brands }: Figures, atMs: number) => {
      for (const [brand, { orders, refunds }] of foldedByBrand(blocks.of(campaignId))) {
        const got = brands.get(brand) ?? { orders: 0, refunds: 0 };
        if (got.orders < orders || got.refunds < refunds)
          report(
            atMs,
            `${campaignId} ${brand}: said to be complete with ${got.orders} orders and ${got.refunds} refunds, but ${orders} and ${refunds} are folded in`,
          );
      }
    },
  };
};

/** What is shown as complete is complete: every event of a block that is no longer noted as pending is in the total. */
export const watermark: Invariant = { name: 'watermark', begin };

/** The time up to which figures are said to be complete never goes back. */
export const watermarkBack: Invariant = {
  name: 'watermark-back',
  begin: (_, report) => {
    const last = new Map<string, number>();
    return {
      onFigures: ({ campaignId, watermarkMs }, atMs) => {
        if (watermarkMs === undefined) return;
        const before = last.get(campaignId) ?? 0;
        if (watermarkMs < before)
          report(
            atMs,
            `${campaignId}: complete up to ${new Date(before).toISOString()}, then up to ${new Date(watermarkMs).toISOString()}`,
          );
        last.set(campaignId, watermarkMs);
      },
    };
  },
};
