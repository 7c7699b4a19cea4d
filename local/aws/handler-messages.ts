import type { ClockRate } from './clock.ts';

/** From the pool of processes to one of them: run the function on this event until this time. */
export type Invocation = {
  readonly requestId: string;
  readonly event: unknown;
  /** When the pool kills the process if the function still runs, by the function's clock, in ms since 1970. */
  readonly deadlineMs: number;
  /** The rate of the function's clock. */
  readonly clock: ClockRate;
};

/** From a handler's process to the pool. Results cross as JSON, as they do in Lambda. */
export type HandlerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly requestId: string; readonly json: string | undefined }
  | { readonly kind: 'error'; readonly requestId: string; readonly message: string };

/** Which function a process runs. */
export type HandlerModule = {
  /** The module that exports the function, as a file URL. */
  readonly url: string;
  readonly exportName: string;
  readonly functionArn: string;
};

/** A process's one argument, as JSON. */
export type HandlerStart = {
  readonly module: HandlerModule;
  /** The rate of the clock while the module is loaded. */
  readonly clock: ClockRate;
};

/**
 * The line that ends an invocation's output. The pool waits for it, because the answer comes over another pipe and may
 * overtake what was printed before it.
 */
export const endLine = (requestId: string): string => {
  return `END RequestId: ${requestId}`;
};
