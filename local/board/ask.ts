import type { Pipeline } from '../aws/pipeline.ts';

/** The result of a call of the board function: the fragment that it returned, or why there is none. */
export type BoardAnswer = { ok: true; html: string } | { ok: false; error: string };

/** A widget's parameters, and the context that CloudWatch adds to them. */
export type BoardParameters = Readonly<Record<string, unknown>>;

/** Calls the board function with a widget's parameters. */
export type AskBoard = (parameters: BoardParameters) => Promise<BoardAnswer>;

const BOARD_FUNCTION = 'board';

/** The board function as the pipeline runs it: the bundle that is deployed, in a process of its own. */
export const boardOf =
  (pipeline: Pick<Pipeline, 'call'>): AskBoard =>
  async (parameters) => {
    const outcome = await pipeline.call(BOARD_FUNCTION, parameters);
    if (!outcome.ok) return { ok: false, error: outcome.error };
    return typeof outcome.response === 'string'
      ? { ok: true, html: outcome.response }
      : { ok: false, error: `board: expected HTML, got ${typeof outcome.response}` };
  };
