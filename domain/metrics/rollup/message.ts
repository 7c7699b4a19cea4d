import type { CampaignSettings } from '#events/contract.ts';
import type { DirtyWindow } from './tree.ts';

/** A message on the rollup queue: windows of a campaign in which blocks were written. */
export type RollupMessage = { settings: CampaignSettings; windows: DirtyWindow[] };

/**
 * Groups messages of one campaign into runs; the messages of a run are rolled up together. A run has at most `windowsMax`
 * windows, or consists of one message.
 */
export const runsOf = <Message extends { windows: readonly DirtyWindow[] }>(
  messages: readonly Message[],
  windowsMax: number,
): Message[][] => {
  const runs: Message[][] = [];
  let windows = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const last = runs.at(-1);
    if (last === undefined || windows + message.windows.length > windowsMax) {
      runs.push([message]);
      windows = message.windows.length;
    } else {
      last.push(message);
      windows += message.windows.length;
    }
  }
  return runs;
};
