import { afterAll, describe, expect, it } from 'vitest';
import { hasOlist, OLIST_DIRECTORY } from '../olist.ts';
import { temporaryDirectory } from './files.ts';
import { figuresOf, replayOlist } from './replay-olist.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const title = hasOlist
  ? 'Olist, replayed while handler processes are killed'
  : `Olist, replayed while handler processes are killed (skipped: there is no ${OLIST_DIRECTORY}; see ZHIHUI_DATA)`;

describe.skipIf(!hasOlist)(title, () => {
  it('gives the same figures as a plain replay, although events are also doubled and out of order', async () => {
    const plain = await replayOlist(directory.path);
    const killed = await replayOlist(
      directory.path,
      '--duplicate',
      '0.3',
      '--shuffle',
      '--kill-every',
      '300',
    );
    expect(Number(/killed (\d+) handler/.exec(killed.outcome.stderr)?.[1])).toBeGreaterThanOrEqual(3);
    expect(figuresOf(killed.report)).toEqual(figuresOf(plain.report));
  });
});
