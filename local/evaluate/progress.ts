/** The progress of an evaluation in the terminal. */
import { formatCount } from '#local/console/format.ts';
import type { Listener } from './evaluate.ts';

const LINE_INTERVAL_MS = 5_000;
const BAR_INTERVAL_MS = 200;
const ERASE_LINE = '\r\u001b[K';

/** Shows the progress of an evaluation: in place on a terminal, or as a line every few seconds elsewhere. */
export const progressOn = (
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
  nowMs: () => number,
): Listener & { done: () => void } => {
  let lastMs = nowMs();
  const tell = (text: string, always = false): void => {
    const interval = stream.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
    if (!always && nowMs() - lastMs < interval) return;
    lastMs = nowMs();
    stream.write(stream.isTTY ? `${ERASE_LINE}${text}` : `${text}\n`);
  };
  return {
    onReading: ({ bytes, total }, rows) =>
      tell(`reading: ${formatCount(rows)} rows, ${Math.floor((100 * bytes) / Math.max(1, total))} %`),
    onFold: (fold, folds, rows) =>
      tell(`learning: ${fold + 1} of ${folds}, ${formatCount(rows)} rows`, stream.isTTY === true),
    done: () => {
      if (stream.isTTY) stream.write(ERASE_LINE);
    },
  };
};
