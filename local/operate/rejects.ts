import { inflateRawSync } from 'node:zlib';
import type { Reject } from '#domain/intake/rejects.ts';
import { parseEvent } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import { type Held, withMessages } from './queue-peek.ts';
import { producerOf } from './send-events.ts';
import type { Target } from './target.ts';

/** Which rejects are meant; all of them if neither field is given. */
export type RejectFilter = { reason?: string; id?: string };

/** A field to set before an event is sent again, by its path from the event's root. */
export type Mend = { path: readonly string[]; value: unknown };

/**
 * Parses a correction such as `data.amountFen=1999`; a value that is not JSON is taken as text. Throws an InputError if there is
 * no valid path.
 */
export const parseMend = (text: string): Mend => {
  const [, path = '', raw = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\.\d+)*$/.test(path))
    throw new InputError(
      `--set: expected FIELD=VALUE such as data.amountFen=1999, got ${JSON.stringify(text)}`,
    );
  let value: unknown = raw;
  try {
    value = JSON.parse(raw);
  } catch {
    // A bare word is taken as text, so that ids need no quotes.
  }
  return { path: path.split('.'), value };
};

const mended = (event: unknown, mends: readonly Mend[]): unknown => {
  const copy = structuredClone(event);
  for (const { path, value } of mends) {
    let inner = copy as Record<string, unknown>;
    for (const name of path.slice(0, -1)) {
      if (typeof inner[name] !== 'object' || inner[name] === null) inner[name] = {};
      inner = inner[name] as Record<string, unknown>;
    }
    inner[path.at(-1)!] = value;
  }
  return copy;
};

/** The refused event; undefined if only a part of it is kept, or it was no event. */
const eventOf = ({ event, deflated }: Reject): unknown => {
  if (event !== undefined) return event;
  if (deflated === undefined) return undefined;
  const value: unknown = JSON.parse(inflateRawSync(Buffer.from(deflated, 'base64')).toString());
  return typeof value === 'object' ? value : undefined;
};

type HeldReject = { held: Held; reject: Reject };

const withRejects = <Result>(
  target: Target,
  { reason, id }: RejectFilter,
  take: (rejects: readonly HeldReject[], remove: (one: Held) => Promise<void>) => Promise<Result>,
): Promise<Result> =>
  withMessages(target, target.output('RejectsQueueUrl'), (all, remove) => {
    const rejects = all
      .map((held): HeldReject => ({ held, reject: JSON.parse(held.body) as Reject }))
      .filter(({ reject }) => reason === undefined || reject.reason === reason)
      .filter(({ reject }) => id === undefined || reject.id === id);
    return take(rejects, remove);
  });

/** What the rejects queue holds, oldest first, without taking anything out of it. */
export const readRejects = (target: Target, filter: RejectFilter): Promise<Reject[]> =>
  withRejects(target, filter, async (rejects) =>
    rejects
      .map(({ reject }) => reject)
      .sort((a, b) => a.receivedAt.localeCompare(b.receivedAt) || a.id.localeCompare(b.id)),
  );

export type RejectFate =
  /** It was sent again and is no longer kept; with `isPreview`, it would be sent. */
  | { id: string; fate: 'sent'; event: unknown }
  /** It would be refused again, and stays where it is. */
  | { id: string; fate: 'refused'; message: string }
  /** Only its beginning is kept, or it was no event. */
  | { id: string; fate: 'not-kept' }
  | { id: string; fate: 'failed'; message: string };

export type RedriveOptions = RejectFilter & { mends: readonly Mend[]; isPreview: boolean };

/**
 * Mends rejects and sends them again. Each is removed from the queue only once its event has been sent; what would be refused
 * again stays. A preview changes nothing.
 */
export const redriveRejects = (target: Target, options: RedriveOptions): Promise<RejectFate[]> =>
  withRejects(target, options, async (rejects, remove) => {
    const fates: RejectFate[] = [];
    const sendable: { one: HeldReject; event: unknown }[] = [];
    for (const one of rejects) {
      const { id } = one.reject;
      const kept = eventOf(one.reject);
      if (kept === undefined) {
        fates.push({ id, fate: 'not-kept' });
        continue;
      }
      const event = mended(kept, options.mends);
      const parsed = parseEvent(event, target.runtime.clock.nowMs());
      if (parsed.ok) sendable.push({ one, event });
      else fates.push({ id, fate: 'refused', message: parsed.rejection.message });
    }
    if (options.isPreview)
      return [
        ...fates,
        ...sendable.map(({ one, event }): RejectFate => ({ id: one.reject.id, fate: 'sent', event })),
      ];
    const { unsent } = await producerOf(target).send(sendable.map(({ event }) => event));
    const failures = new Map(unsent.map((failure) => [failure.index, failure]));
    for (const [index, { one, event }] of sendable.entries()) {
      const { id } = one.reject;
      const failure = failures.get(index);
      if (failure === undefined) {
        await remove(one.held);
        fates.push({ id, fate: 'sent', event });
      } else if (failure.kind === 'refused') {
        fates.push({ id, fate: 'refused', message: failure.rejection.message });
      } else {
        fates.push({ id, fate: 'failed', message: String(failure.cause) });
      }
    }
    return fates;
  });
