import type { Invariant } from '../invariant.ts';

const SHOWN_CHARS = 160;

/** Every message is processed in the end: none is retried for ever, and none is given up. */
export const drained: Invariant = {
  name: 'drained',
  begin: (_, report) => ({
    atEnd: ({ atMs, queues }) => {
      for (const { name, kind, bodies } of queues) {
        if (kind === 'output' || bodies.length === 0) continue;
        report(
          atMs,
          `${name}: ${bodies.length} messages are left, such as ${bodies[0]!.slice(0, SHOWN_CHARS)}`,
        );
      }
    },
  }),
};
