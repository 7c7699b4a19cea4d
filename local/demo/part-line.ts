import type { BoardView } from '#domain/board/view.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { formatCount } from '#local/console/format.ts';
import { SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import type { Part } from './play.ts';
import { type Liner, partBar, partText, presaleShare, viewLine } from './progress-line.ts';

/** What the terminal's line about a part of the demo is made from. */
export type PartSource = {
  liner: Liner;
  readView: (campaignId: string, nowMs: number) => Promise<BoardView | undefined>;
  now: () => number;
  sale: CampaignDefinition;
};

export type PartShower = {
  /** Says that a part begins, and shows its bar from now on. */
  start(part: Part): void;
  /** How much of the part is done, 0 to 1. */
  share(share: number): void;
  stop(): Promise<void>;
};

/** What a presale may give of all budgets together, in fen. */
const presaleMoney = ({ coupons }: CampaignDefinition): number =>
  coupons === undefined ? 0 : campaignBudgets(coupons).reduce((sum, { presaleFen }) => sum + presaleFen, 0);

/** Shows each part of a sale in the terminal: a line when it begins, and a bar that grows until the next one. */
export const partShower = ({ liner, readView, now, sale }: PartSource): PartShower => {
  const planFen = presaleMoney(sale);
  let part: Part = 'over';
  let share = 0;
  let isShown = false;

  const line = async (): Promise<string> => {
    const bar = partBar(part, share);
    if (part === 'history') return bar;
    const view = await readView(sale.campaignId, now());
    if (part === 'presale') {
      const issued = formatCount(view?.coupons?.issued ?? 0);
      return `${partBar(part, presaleShare(view, planFen))}  ${issued} coupons issued`;
    }
    if (view === undefined) return bar;
    return `${bar}  ${viewLine(view, Math.min(now(), SALE_END_MS) - SALE_MS)}`;
  };

  return {
    start(next) {
      part = next;
      share = 0;
      const text = partText(part);
      if (text !== '') liner.note(`${process.uptime().toFixed(0)} s: ${text}`);
      if (isShown) return;
      isShown = true;
      liner.start(line);
    },
    share(done) {
      // Messages can lead to more messages, but the bar should never shrink.
      share = Math.max(share, done);
    },
    stop: () => liner.stop(),
  };
};
