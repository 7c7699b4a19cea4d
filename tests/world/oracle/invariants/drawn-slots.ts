import type { Facts } from '../invariant.ts';

/** What counts as the randomness of a slot without entries, which has no round. */
const NO_RANDOMNESS = '0'.repeat(64);
const BLOCK = 'BLOCK#';

export type DrawnSlot = {
  readonly slot: number;
  readonly root: string;
  readonly randomness: string;
  /** The orders in the closed slot, by its manifests. */
  readonly sealed: readonly { orderId: string; memberId: string }[];
};

type State = { kind: string; statement?: { slot: number; root: string }; randomness?: string | null };

/** The slots of a campaign that were drawn, as the draws table shows them. */
export const drawnSlots = ({ observer, ordersOfBlock }: Facts, campaignId: string): DrawnSlot[] => {
  const slots = new Map<string, DrawnSlot & { sealed: { orderId: string; memberId: string }[] }>();
  const items = observer.items('draws');
  for (const [key, { state }] of items) {
    const [draw, name = ''] = key.split('\n');
    if (draw !== `${campaignId}#slots` || state?.S === undefined) continue;
    const { kind, statement, randomness } = JSON.parse(state.S) as State;
    if (kind !== 'drawn' || statement === undefined) continue;
    slots.set(name, { ...statement, randomness: randomness ?? NO_RANDOMNESS, sealed: [] });
  }
  for (const [key, { blocks }] of items) {
    const [draw = '', name] = key.split('\n');
    const slot = slots.get(draw.slice(`${campaignId}#entries#`.length, -2));
    if (!draw.startsWith(`${campaignId}#entries#`) || name !== 'MANIFEST' || slot === undefined) continue;
    for (const id of (blocks?.S ?? '').split(' ').filter(Boolean)) {
      const body = items.get(`${draw}\n${BLOCK}${id}`)?.body?.B;
      if (body !== undefined) slot.sealed.push(...ordersOfBlock(body));
    }
  }
  return [...slots.values()];
};
