import { EVENT_QUEUES, parseBody } from '#events/contract.ts';

/** Types that come by the control queue. A body that mentions none of them need not be parsed. */
const CONTROL_TYPES: ReadonlySet<unknown> = new Set(
  Object.entries(EVENT_QUEUES).flatMap(([type, queue]) => (queue === 'control' ? [type] : [])),
);
const MAY_BE_CONTROL = new RegExp([...CONTROL_TYPES].join('|').replaceAll('.', '\\.'));

/** A body, divided by the queues of its events; both fields are set if it has events for both queues. */
export type SplitBody = { events?: string; control?: string };

const isControl = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'type' in event && CONTROL_TYPES.has(event.type);

/**
 * Divides a body by the types of its events, because a file may contain all types and the pipeline takes them by two queues. A
 * body for one queue stays as it is written, and so does a body that cannot be parsed.
 */
export const splitBody = (body: string): SplitBody => {
  if (!MAY_BE_CONTROL.test(body)) return { events: body };
  const parsed = parseBody(body);
  const control = parsed.ok ? parsed.events.filter(isControl) : [];
  if (!parsed.ok || control.length === 0) return { events: body };
  if (control.length === parsed.events.length) return { control: body };
  const events = parsed.events.filter((event) => !isControl(event));
  return { events: JSON.stringify(events), control: JSON.stringify(control) };
};
