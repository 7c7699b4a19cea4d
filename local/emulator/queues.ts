import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityCommandInput,
  CreateQueueCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageCommandInput,
  GetQueueAttributesCommandInput,
  GetQueueUrlCommandInput,
  ListQueuesCommandInput,
  Message,
  PurgeQueueCommandInput,
  ReceiveMessageCommandInput,
  SendMessageBatchCommandInput,
  SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { inBatch } from './batch-entries.ts';
import { attributesDigest, type Content, contentOf, MESSAGE_BYTES_MAX } from './message.ts';
import { type Counts, Queue, type StoredMessage } from './queue.ts';
import {
  batchTooLong,
  invalidParameter,
  noSuchQueue,
  overLimit,
  queueExists,
  unknownAction,
} from './queue-exceptions.ts';
import { DELAY_SECONDS, secondsInMs, settingsOf, VISIBILITY_SECONDS } from './queue-settings.ts';
import { QUEUE_ARN_PREFIX, received } from './received-message.ts';
import type { Clock } from './store.ts';

const IN_FLIGHT_MAX = 120_000;
const MESSAGES_PER_RECEIVE_MAX = 10;
/** How far a message may be from the front when it is received out of order. */
const DISORDER_WINDOW = 100;

/**
 * The probabilities, 0 to 1, of what SQS allows a standard queue to do: deliver a message twice, deliver messages out of order,
 * and refuse a message of a batch but not the others.
 */
export type Disorder = { readonly duplicate: number; readonly reorder: number; readonly refuse?: number };

export type QueuesOptions = {
  readonly clock: Clock;
  /** Gives numbers from 0 to below 1, for ids and for the disorder. */
  readonly random: () => number;
  /** Called for each receive and each batch that is sent. `isOfSeveral`: there are several messages, so they can be reordered. */
  readonly disorder?: (isOfSeveral: boolean) => Disorder;
  /** What queue URLs begin with. */
  readonly endpoint?: string;
};

type SendEntry = Pick<SendMessageCommandInput, 'MessageBody' | 'MessageAttributes' | 'DelaySeconds'>;

const NO_DISORDER: Disorder = { duplicate: 0, reorder: 0 };

/**
 * An SQS in memory with the rules of standard queues. Time and randomness are passed in. Each operation happens at one instant:
 * a receive that finds nothing does not wait.
 */
export class Queues {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #disorder: (isOfSeveral: boolean) => Disorder;
  readonly #endpoint: string;
  readonly #queues = new Map<string, Queue>();
  readonly #attributes = new Map<string, Readonly<Record<string, string>>>();

  constructor({
    clock,
    random,
    disorder = () => NO_DISORDER,
    endpoint = 'https://sqs.us-east-1.amazonaws.com',
  }: QueuesOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#disorder = disorder;
    this.#endpoint = endpoint;
  }

  /**
   * Creates a queue with the attributes of CreateQueue and returns its URL. Throws a QueueNameExists if there
   * is one of that name with another value of an attribute.
   */
  createQueue(name: string, attributes: Readonly<Record<string, string>> = {}): string {
    const known = this.#attributes.get(name);
    if (known !== undefined && Object.entries(attributes).some(([key, value]) => known[key] !== value))
      throw queueExists(name);
    if (known === undefined) {
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(name))
        throw invalidParameter(
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        );
      this.#queues.set(name, new Queue(name, settingsOf(attributes)));
      this.#attributes.set(name, attributes);
    }
    return this.urlOf(name);
  }

  urlOf(name: string): string {
    return `${this.#endpoint}/000000000000/${name}`;
  }

  /** The names of all queues. */
  get names(): string[] {
    return [...this.#queues.keys()];
  }

  counts(name: string): Counts {
    return this.#queue(name).counts(this.#clock.nowMs());
  }

  /** All messages in a queue, in any state, without receiving them. */
  contents(name: string): Content[] {
    return this.#queue(name)
      .messages(this.#clock.nowMs())
      .map(({ content }) => content);
  }

  /** No hidden message of a queue becomes visible before this time, in ms since 1970: see {@link Queue.nextVisibleMs}. */
  nextVisibleMs(name: string): number {
    return this.#queue(name).nextVisibleMs;
  }

  /**
   * Moves all messages of a dead-letter queue back to where they failed, or to the queue `destination`, as StartMessageMoveTask
   * does: they are new messages there. Returns their number.
   */
  redrive(name: string, destination?: string): number {
    const nowMs = this.#clock.nowMs();
    const messages = this.#queue(name).drain(nowMs);
    for (const { content, source } of messages) {
      const target = this.#queue(destination ?? source ?? name);
      target.add(this.#newMessage(content, nowMs), 0, nowMs);
    }
    return messages.length;
  }

  /** Carries out an operation (SendMessage or SendMessageCommand, say) and returns its answer. Throws the SDK's exceptions. */
  execute(commandName: string, input: object): object {
    const name = commandName.replace(/Command$/, '');
    switch (name) {
      case 'SendMessage':
        return this.#send(input as SendMessageCommandInput);
      case 'SendMessageBatch':
        return this.#sendBatch(input as SendMessageBatchCommandInput);
      case 'ReceiveMessage':
        return this.#receive(input as ReceiveMessageCommandInput);
      case 'DeleteMessage':
        return this.#delete(input as DeleteMessageCommandInput);
      case 'DeleteMessageBatch': {
        const { QueueUrl, Entries } = input as DeleteMessageBatchCommandInput;
        return inBatch(Entries, (entry) => this.#delete({ ...entry, QueueUrl }));
      }
      case 'ChangeMessageVisibility':
        return this.#hide(input as ChangeMessageVisibilityCommandInput);
      case 'ChangeMessageVisibilityBatch': {
        const { QueueUrl, Entries } = input as ChangeMessageVisibilityBatchCommandInput;
        return inBatch(Entries, (entry) => this.#hide({ VisibilityTimeout: undefined, ...entry, QueueUrl }));
      }
      default:
        return this.#administer(name, input);
    }
  }

  #administer(name: string, input: object): object {
    switch (name) {
      case 'CreateQueue': {
        const { QueueName, Attributes } = input as CreateQueueCommandInput;
        return { QueueUrl: this.createQueue(QueueName ?? '', Attributes) };
      }
      case 'GetQueueUrl':
        return { QueueUrl: this.urlOf(this.#queue((input as GetQueueUrlCommandInput).QueueName).name) };
      case 'ListQueues': {
        const { QueueNamePrefix: prefix = '' } = input as ListQueuesCommandInput;
        const names = this.names.filter((queue) => queue.startsWith(prefix));
        return names.length === 0 ? {} : { QueueUrls: names.map((queue) => this.urlOf(queue)) };
      }
      case 'PurgeQueue':
        this.#queue((input as PurgeQueueCommandInput).QueueUrl).drain(this.#clock.nowMs());
        return {};
      case 'GetQueueAttributes':
        return this.#queueAttributes(input as GetQueueAttributesCommandInput);
      default:
        throw unknownAction(name);
    }
  }

  /** A queue by its name, or by its URL or ARN, which end with its name. */
  #queue(named: string | undefined): Queue {
    const name = named?.slice(Math.max(named.lastIndexOf('/'), named.lastIndexOf(':')) + 1) ?? '';
    const queue = this.#queues.get(name);
    if (queue === undefined) throw noSuchQueue();
    return queue;
  }

  #id(): string {
    const part = (digits: number) =>
      Math.floor(this.#random() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    return `${part(8)}-${part(4)}-4${part(3)}-8${part(3)}-${part(12)}`;
  }

  #newMessage(content: Content, sentMs: number): StoredMessage {
    return { id: this.#id(), content, sentMs, receives: 0, firstReceivedMs: undefined, source: undefined };
  }

  #add(queue: Queue, { DelaySeconds }: SendEntry, content: Content) {
    const nowMs = this.#clock.nowMs();
    const message = this.#newMessage(content, nowMs);
    const delayMs =
      DelaySeconds === undefined
        ? queue.settings.delayMs
        : secondsInMs('DelaySeconds', DelaySeconds, DELAY_SECONDS);
    queue.add(message, delayMs, nowMs);
    const digest = attributesDigest(content);
    return {
      MessageId: message.id,
      MD5OfMessageBody: content.bodyDigest,
      ...(digest === undefined ? {} : { MD5OfMessageAttributes: digest }),
    };
  }

  #send(input: SendMessageCommandInput): object {
    const queue = this.#queue(input.QueueUrl);
    const { content, bytes } = contentOf(input.MessageBody, input.MessageAttributes);
    if (bytes > MESSAGE_BYTES_MAX)
      throw invalidParameter(
        `One or more parameters are invalid. Reason: Message must be shorter than ${MESSAGE_BYTES_MAX} bytes.`,
      );
    return this.#add(queue, input, content);
  }

  #sendBatch({ QueueUrl, Entries: entries }: SendMessageBatchCommandInput): object {
    const queue = this.#queue(QueueUrl);
    let bytes = 0;
    const contents = new Map<string, Content>();
    const checked = inBatch(entries, ({ Id, MessageBody, MessageAttributes }) => {
      const entry = contentOf(MessageBody, MessageAttributes);
      bytes += entry.bytes;
      contents.set(Id!, entry.content);
      return {};
    });
    if (bytes > MESSAGE_BYTES_MAX) throw batchTooLong(bytes);
    const { refuse = 0 } = this.#disorder(entries!.length > 1);
    const valid = entries!.filter(({ Id }) => {
      const isRefused = contents.has(Id!) && refuse > 0 && this.#random() < refuse;
      if (isRefused) checked.Failed.push({ Id, Code: 'ServiceUnavailable', SenderFault: false });
      return contents.has(Id!) && !isRefused;
    });
    if (valid.length === 0) return checked;
    const sent = inBatch(valid, (entry) => this.#add(queue, entry, contents.get(entry.Id!)!));
    return { Successful: sent.Successful, Failed: [...checked.Failed, ...sent.Failed] };
  }

  #receive(input: ReceiveMessageCommandInput): object {
    const queue = this.#queue(input.QueueUrl);
    const nowMs = this.#clock.nowMs();
    const { MaxNumberOfMessages: wanted = 1, VisibilityTimeout: given } = input;
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > MESSAGES_PER_RECEIVE_MAX) {
      throw invalidParameter(
        `Value ${wanted} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
      );
    }
    const hiddenMs =
      given === undefined
        ? queue.settings.visibilityMs
        : secondsInMs('VisibilityTimeout', given, VISIBILITY_SECONDS);
    const room = IN_FLIGHT_MAX - queue.counts(nowMs).inFlight;
    // At the limit, a receive that waits for messages returns none. One that does not wait gets an error.
    if (room <= 0 && !input.WaitTimeSeconds) throw overLimit();
    const messages: Message[] = [];
    const { duplicate, reorder } = this.#disorder(queue.ready(nowMs) > 1);
    for (let left = queue.ready(nowMs); left > 0 && messages.length < Math.min(wanted, room); left--) {
      const place =
        reorder > 0 && this.#random() < reorder
          ? Math.floor(this.#random() * Math.min(left, DISORDER_WINDOW))
          : 0;
      const message = queue.take(place);
      if (this.#failsFor(queue, message, nowMs)) continue;
      const isDoubled = duplicate > 0 && this.#random() < duplicate;
      const handle = queue.receive(message, isDoubled ? 0 : hiddenMs, nowMs);
      messages.push(received(message, handle, input));
    }
    return messages.length === 0 ? {} : { Messages: messages };
  }

  /** Whether a message was received too often. If so, it is moved to the dead-letter queue, where it keeps its age. */
  #failsFor(queue: Queue, message: StoredMessage, nowMs: number): boolean {
    const { redrive } = queue.settings;
    if (redrive === undefined || message.receives < redrive.maxReceives) return false;
    queue.discard(message);
    this.#queue(redrive.deadLetterQueue).add({ ...message, source: queue.name }, 0, nowMs);
    return true;
  }

  #delete({ QueueUrl, ReceiptHandle }: DeleteMessageCommandInput): object {
    this.#queue(QueueUrl).delete(ReceiptHandle, this.#clock.nowMs());
    return {};
  }

  #hide({
    QueueUrl,
    ReceiptHandle,
    VisibilityTimeout: seconds,
  }: ChangeMessageVisibilityCommandInput): object {
    const hiddenMs = secondsInMs('VisibilityTimeout', seconds, VISIBILITY_SECONDS);
    this.#queue(QueueUrl).hide(ReceiptHandle, hiddenMs, this.#clock.nowMs());
    return {};
  }

  #queueAttributes({ QueueUrl, AttributeNames: wanted = [] }: GetQueueAttributesCommandInput): object {
    const queue = this.#queue(QueueUrl);
    const { visible, inFlight, delayed } = queue.counts(this.#clock.nowMs());
    const { visibilityMs, delayMs, retentionMs } = queue.settings;
    const all: Record<string, string> = {
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      QueueArn: `${QUEUE_ARN_PREFIX}${queue.name}`,
      VisibilityTimeout: String(visibilityMs / 1_000),
      DelaySeconds: String(delayMs / 1_000),
      MessageRetentionPeriod: String(retentionMs / 1_000),
      MaximumMessageSize: String(MESSAGE_BYTES_MAX),
      ...this.#attributes.get(queue.name),
    };
    const names: readonly string[] = wanted;
    const shown = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
    return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
  }
}
