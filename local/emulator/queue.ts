import { DueQueue } from './due-queue.ts';
import { Line } from './line.ts';
import type { Content } from './message.ts';
import { invalidHandle, notInFlight } from './queue-exceptions.ts';
import type { QueueSettings } from './queue-settings.ts';

/** A message as a queue keeps it. */
export type StoredMessage = {
  readonly id: string;
  readonly content: Content;
  /** When it was first sent; a move to a dead-letter queue does not change it. */
  readonly sentMs: number;
  receives: number;
  firstReceivedMs: number | undefined;
  /** The queue in which it failed, if it is in a dead-letter queue now. */
  readonly source: string | undefined;
};

type Hidden = { readonly dueMs: number; readonly message: StoredMessage };
/**
 * A `delayed` message was sent with a delay, an `inFlight` one was received: both are hidden until `untilMs`.
 */
type Place = { readonly state: 'ready' | 'delayed' | 'inFlight'; readonly untilMs: number };

export type Counts = { readonly visible: number; readonly inFlight: number; readonly delayed: number };

const HANDLE = /^(.+)#(\d+)$/;

/** The messages of one queue and the state of each. */
export class Queue {
  readonly name: string;
  settings: QueueSettings;
  readonly #messages = new Map<string, StoredMessage>();
  readonly #places = new Map<StoredMessage, Place>();
  /** What can be received, in the order in which it became visible. */
  readonly #ready = new Line<StoredMessage>();
  readonly #hidden = new DueQueue<Hidden>();
  /** A lower bound on the time at which any message was sent. It shows cheaply whether any message can be too old. */
  #oldestMs = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #delayed = 0;

  constructor(name: string, settings: QueueSettings) {
    this.name = name;
    this.settings = settings;
  }

  counts(nowMs: number): Counts {
    this.#advance(nowMs);
    return { visible: this.#ready.length, inFlight: this.#inFlight, delayed: this.#delayed };
  }

  /** All messages, in any state. */
  messages(nowMs: number): StoredMessage[] {
    this.#advance(nowMs);
    return [...this.#messages.values()];
  }

  /**
   * No hidden message becomes visible before this time, in ms since 1970. It can be too early, because of messages that were
   * deleted while they were hidden. Infinity only if none is hidden.
   */
  get nextVisibleMs(): number {
    return this.#hidden.nextMs;
  }

  add(message: StoredMessage, delayMs: number, nowMs: number): void {
    this.#messages.set(message.id, message);
    this.#oldestMs = Math.min(this.#oldestMs, message.sentMs);
    this.#put(message, delayMs > 0 ? 'delayed' : 'ready', nowMs + delayMs);
  }

  /** The number of messages that can be received. */
  ready(nowMs: number): number {
    this.#advance(nowMs);
    return this.#ready.length;
  }

  /** Takes the message at an index among those that can be received. It does not count as received or hidden yet. */
  take(place: number): StoredMessage {
    return this.#ready.take(place);
  }

  /**
   * Counts a receive of a message that was taken, and hides it, or leaves it visible if `hiddenMs` is 0. Returns its receipt
   * handle.
   */
  receive(message: StoredMessage, hiddenMs: number, nowMs: number): string {
    message.receives++;
    message.firstReceivedMs ??= nowMs;
    this.#put(message, hiddenMs > 0 ? 'inFlight' : 'ready', nowMs + hiddenMs);
    return `${message.id}#${message.receives}`;
  }

  /** Removes a message that was taken. */
  discard(message: StoredMessage): void {
    this.#leave(message);
    this.#messages.delete(message.id);
  }

  /** Deletes a message by the receipt handle of its last receive. The handle of an earlier receive does nothing. */
  delete(handle: string | undefined, nowMs: number): void {
    this.#advance(nowMs);
    const { message, isLast } = this.#byHandle(handle);
    if (message === undefined || !isLast) return;
    if (this.#places.get(message)?.state === 'ready') this.#ready.remove(message);
    this.discard(message);
  }

  /** Hides a message in flight for `hiddenMs` from now on. Throws a MessageNotInflight for any other message. */
  hide(handle: string | undefined, hiddenMs: number, nowMs: number): void {
    this.#advance(nowMs);
    const { message, isLast } = this.#byHandle(handle);
    if (message === undefined || !isLast || this.#places.get(message)?.state !== 'inFlight')
      throw notInFlight();
    this.#put(message, hiddenMs > 0 ? 'inFlight' : 'ready', nowMs + hiddenMs);
  }

  /** Removes all messages and returns them. */
  drain(nowMs: number): StoredMessage[] {
    const messages = this.messages(nowMs);
    while (this.#ready.length > 0) this.#ready.take(0);
    for (const message of messages) this.discard(message);
    return messages;
  }

  #byHandle(handle: string | undefined): { message: StoredMessage | undefined; isLast: boolean } {
    const [, id, receipt] = HANDLE.exec(handle ?? '') ?? [];
    if (id === undefined) throw invalidHandle(handle);
    const message = this.#messages.get(id);
    return { message, isLast: message?.receives === Number(receipt) };
  }

  #put(message: StoredMessage, state: Place['state'], untilMs: number): void {
    this.#leave(message);
    this.#places.set(message, { state, untilMs });
    if (state === 'ready') {
      this.#ready.push(message);
      return;
    }
    if (state === 'inFlight') this.#inFlight++;
    else this.#delayed++;
    this.#hidden.push({ dueMs: untilMs, message });
  }

  #leave(message: StoredMessage): void {
    const state = this.#places.get(message)?.state;
    if (state === 'inFlight') this.#inFlight--;
    if (state === 'delayed') this.#delayed--;
    this.#places.delete(message);
  }

  /** Makes due messages visible, and drops those that are too old. */
  #advance(nowMs: number): void {
    for (let due = this.#hidden.pop(nowMs); due !== undefined; due = this.#hidden.pop(nowMs)) {
      const place = this.#places.get(due.message);
      // A message may have been deleted, received again or hidden until another time since.
      if (place !== undefined && place.state !== 'ready' && place.untilMs === due.dueMs)
        this.#put(due.message, 'ready', nowMs);
    }
    const keptSinceMs = nowMs - this.settings.retentionMs;
    if (this.#oldestMs > keptSinceMs) return;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (const message of this.#messages.values()) {
      if (message.sentMs > keptSinceMs) {
        this.#oldestMs = Math.min(this.#oldestMs, message.sentMs);
        continue;
      }
      if (this.#places.get(message)?.state === 'ready') this.#ready.remove(message);
      this.discard(message);
    }
  }
}
