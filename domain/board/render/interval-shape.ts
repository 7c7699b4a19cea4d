import type { Interval } from '#domain/experiment/view.ts';

/** An interval on a drawing: 0 to 1 from the left. */
export type DrawnInterval = { low: number; estimate: number; high: number };

/** Zero stays at least this far from either end, so that both directions can be seen. */
const ZERO_MARGIN = 0.15;
/** The space left free beyond the widest interval. */
const END_MARGIN = 0.04;

/**
 * Intervals of several measures on drawings that share one zero. Each of `groups` holds the intervals of one measure, at a
 * scale of its own. Zero is placed for the group of whose extent the largest share is negative, and every group is scaled to
 * fit.
 */
export const layOutIntervals = (
  groups: readonly (readonly (Interval | undefined)[])[],
): { zero: number; groups: (DrawnInterval | undefined)[][] } => {
  const extents = groups.map((group) => {
    const known = group.filter((interval) => interval !== undefined);
    return {
      below: Math.max(0, ...known.map(({ low }) => -low)),
      above: Math.max(0, ...known.map(({ high }) => high)),
    };
  });
  const shares = extents
    .filter(({ below, above }) => below + above > 0)
    .map(({ below, above }) => below / (below + above));
  const zero = Math.min(1 - ZERO_MARGIN, Math.max(ZERO_MARGIN, ...shares));
  return {
    zero,
    groups: groups.map((group, i) => {
      const { below, above } = extents[i]!;
      const scales = [
        ...(below > 0 ? [(zero - END_MARGIN) / below] : []),
        ...(above > 0 ? [(1 - zero - END_MARGIN) / above] : []),
      ];
      const scale = scales.length === 0 ? 0 : Math.min(...scales);
      const place = (value: number): number => Math.min(1, Math.max(0, zero + value * scale));
      return group.map((interval) =>
        interval === undefined
          ? undefined
          : { low: place(interval.low), estimate: place(interval.estimate), high: place(interval.high) },
      );
    }),
  };
};
