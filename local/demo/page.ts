import type { CampaignDefinition } from '#events/contract.ts';
import { SALE } from '#simulator/campaigns.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import { type AskBoard, boardOf } from '../board/ask.ts';
import { type ListRejects, rejectsOf } from '../board/rejects.ts';
import { type BoardServer, startBoardServer } from '../board/server.ts';
import { comingFirst, knownReader, type ReadView } from './coming.ts';
import { screenReader } from './findings.ts';

/** The demo's page, which is available before the pipeline is. */
export type DemoPage = {
  board: BoardServer;
  /** Answers the page's questions. */
  ask: AskBoard;
  /** Makes the page show the pipeline's answers from now on. Returns a reader of the screen's data. */
  showPipeline(pipeline: Pipeline): ReadView;
};

/** The parts of the pipeline that are available. While it starts there are none, and the page shows the sale to come. */
type Up = { ask?: AskBoard; readView?: ReadView; listRejects?: ListRejects };

export const openPage = async (
  port: number,
  sale: CampaignDefinition,
  now: () => number,
): Promise<DemoPage> => {
  const up: Up = {};
  const known = knownReader(() => up.readView, SALE, now);
  const ask = comingFirst(() => up.ask, sale, known, now);
  const board = await startBoardServer(
    port,
    ask,
    async () => (await up.listRejects?.()) ?? { first: [], count: 0 },
  );
  return {
    board,
    ask,
    showPipeline(pipeline) {
      const readView = screenReader(pipeline);
      const board = boardOf(pipeline);
      Object.assign(up, { ask: board, readView, listRejects: rejectsOf(pipeline) });
      // The board's first call takes long, so it is made before the sale's first second. Its answer is not shown.
      void board({ campaign: SALE });
      return readView;
    },
  };
};
