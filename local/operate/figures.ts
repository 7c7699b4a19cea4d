import { readTotal } from '#domain/metrics/rollup/read.ts';
import { readAllStores } from '#domain/metrics/rollup/read-stores.ts';
import { type CampaignSettings, formatTime } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { settingsOf } from './campaign-settings.ts';
import type { Target } from './target.ts';

/** A line of exported figures: its values by the names of their columns; amounts are in fen. */
export type FigureLine = Readonly<Record<string, string | number>>;

type Table = {
  readonly columns: readonly string[];
  readonly read: (runtime: Runtime, settings: CampaignSettings) => Promise<FigureLine[]>;
};

/** What can be exported of a campaign's figures, by name. */
export const FIGURES: Readonly<Record<string, Table>> = {
  brands: {
    columns: ['brandId', 'orders', 'refunds', 'grossFen', 'refundedFen', 'netFen'],
    read: async (runtime, settings) => {
      const { row } = await readTotal(runtime, settings);
      return [...row.brands]
        .sort(([a], [b]) => compareText(a, b))
        .map(([brandId, { orders, refunds, grossFen, refundedFen }]) => ({
          brandId,
          orders,
          refunds,
          grossFen,
          refundedFen,
          netFen: grossFen - refundedFen,
        }));
    },
  },
  stores: {
    columns: ['storeId', 'orders', 'grossFen', 'refundedFen', 'netFen'],
    read: async (runtime, settings) => {
      const { stores } = await readAllStores(runtime, settings);
      return [...stores]
        .sort(([a], [b]) => compareText(a, b))
        .map(
          ([
            storeId,
            {
              known: { orders, grossFen, refundedFen },
            },
          ]) => ({
            storeId,
            orders,
            grossFen,
            refundedFen,
            netFen: grossFen - refundedFen,
          }),
        );
    },
  },
  curve: {
    columns: ['from', 'orders', 'netFen'],
    read: async (runtime, settings) => {
      const { row } = await readTotal(runtime, settings);
      return row.series.map(({ startMs, orders, netFen }) => ({ from: formatTime(startMs), orders, netFen }));
    },
  },
};

/** A campaign's figures of one kind, sorted by id or by time. Throws an InputError for an unknown campaign. */
export const exportFigures = async (
  target: Target,
  campaignId: string,
  kind: string,
): Promise<FigureLine[]> => {
  return FIGURES[kind]!.read(target.runtime, await settingsOf(target, campaignId));
};
