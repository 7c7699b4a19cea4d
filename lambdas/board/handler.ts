import { logger } from '#lambdas/shared/batch.ts';
import { publishConsumption } from '#lambdas/shared/capacity.ts';
import { DOCUMENTATION } from './documentation.ts';
import { renderMessage } from './message.ts';
import { readView } from './read.ts';
import { renderBoard } from './render.ts';
import { type BoardRequest, parseRequest } from './request.ts';

const board = async ({ campaignId, ...look }: BoardRequest, nowMs: number): Promise<string> => {
  const view = await readView(campaignId, nowMs);
  if (view !== undefined) return renderBoard(view, look);
  const message =
    campaignId === undefined
      ? ({ kind: 'no-campaign' } as const)
      : ({ kind: 'unknown-campaign', campaignId } as const);
  return renderMessage(message, look.locale);
};

/**
 * A CloudWatch custom widget: its parameters in, HTML out. It never rejects, because the console would show the stack trace
 * to whoever looks; the log has it.
 */
export const handler = async (event: unknown): Promise<string> => {
  const asked = parseRequest(event);
  switch (asked.kind) {
    case 'documentation':
      return DOCUMENTATION;
    case 'mistake':
      return renderMessage(asked, 'en');
    case 'board':
      try {
        return await board(asked.request, Date.now());
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error));
        logger.error('no screen', cause);
        return renderMessage({ kind: 'failed', cause: cause.name }, asked.request.locale);
      } finally {
        publishConsumption();
      }
    default:
      return asked satisfies never;
  }
};
