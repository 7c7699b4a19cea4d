import { Readable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { settle } from '#local/aws/batch-response.ts';
import type { LambdaFunction, LocalStack, Mapping } from '#local/aws/template.ts';
import { answerAtOnce, answerText } from '#local/emulator/http.ts';
import type { Content } from '#local/emulator/message.ts';
import { Queues } from '#local/emulator/queues.ts';
import { Tables } from '#local/emulator/tables.ts';
import { UNBOUNDED } from '#local/emulator/throughput.ts';
import { splitBody } from '#local/replay/split-body.ts';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import type { Outside } from '#platform/runtime.ts';
import { unlogged } from '#platform/unlogged.ts';
import { askRelay } from '../support/free-order-world.ts';
import { MemoryObjects } from '../support/objects.ts';
import { seededRandom } from '../support/random.ts';
import { ENDPOINT, recordOf } from '../world/deployed.ts';
import { FACTORIES, type Handler } from '../world/functions.ts';
import { Scheduler } from '../world/scheduler.ts';

// Handlers print their consumption, which would hide the table of results.
process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/**
 * How long each call takes, in virtual ms: an invocation's virtual length is then the number of calls that follow one another.
 */
const CALL_MS = 1;
const RECEIVE_MAX = 10;
const RELAY = 'http://beacon';

/** The resources that invocations of one function used. */
export type Spent = {
  invocations: number;
  messages: number;
  /**
   * CPU of the function's own code and of the SDK, in ms, without sockets. What the tables and queues took in this process is
   * subtracted.
   */
  cpuMs: number;
  /** The number of calls that followed one another; calls at the same time count as one. */
  rounds: number;
  calls: number;
  writeUnits: Record<string, number>;
  readUnits: Record<string, number>;
  sends: number;
  sentBytes: number;
};

const nothing = (): Spent => ({
  invocations: 0,
  messages: 0,
  cpuMs: 0,
  rounds: 0,
  calls: 0,
  writeUnits: {},
  readUnits: {},
  sends: 0,
  sentBytes: 0,
});

type Running = { readonly spent: Spent; emulatorMs: number };

/**
 * The pipeline's functions as deployed, run one invocation at a time, so that the cost of each function is known. The size of the
 * batches follows from what is sent. There are no faults and no contention here; those are tested in the seeded world.
 */
export class MeteredPipeline {
  readonly tables: Tables;
  /** By function, since the last {@link reset}. */
  readonly spent = new Map<string, Spent>();
  /** Write units by table and partition key, since the last {@link reset}. */
  readonly keys = new Map<string, number>();
  readonly #stack: LocalStack;
  readonly #logger: Logger;
  readonly #scheduler: Scheduler;
  readonly #queues: Queues;
  readonly #handlers = new Map<string, Handler>();
  readonly #shortNames: ReadonlyMap<string, string>;
  #running: Running | undefined;

  constructor(
    stack: LocalStack,
    startMs: number,
    logger = new Logger({ serviceName: 'metered', logLevel: 'SILENT' }),
  ) {
    this.#stack = stack;
    this.#logger = logger;
    this.#scheduler = new Scheduler(startMs);
    const clock = { nowMs: () => this.#scheduler.nowMs };
    this.#shortNames = new Map(stack.tables.map(({ name, shortName }) => [name, shortName]));
    this.tables = new Tables({
      clock,
      random: seededRandom(1),
      // Limits high enough that no call is throttled: units are only counted here.
      limits: { table: UNBOUNDED, partition: UNBOUNDED },
      onUnits: (kind, table, partition, units) => this.#count(kind, table, partition, units),
    });
    for (const { name, definition } of stack.tables)
      this.tables.createTable({ TableName: name, ...definition } as never);
    this.#queues = new Queues({ clock, random: seededRandom(2), endpoint: ENDPOINT });
    for (const { name, attributes } of stack.queues) this.#queues.createQueue(name, attributes);
  }

  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  /** Sends events to intake, `perMessage` in each message. */
  send(events: readonly object[], perMessage: number): void {
    for (let first = 0; first < events.length; first += perMessage) {
      const body = JSON.stringify(events.slice(first, first + perMessage));
      for (const [door, part] of Object.entries(splitBody(body)))
        this.#queues.execute('SendMessage', { QueueUrl: this.#urlOf(door), MessageBody: part });
    }
  }

  /** Processes all queues, in batches as large as the mappings allow. */
  async drain(): Promise<void> {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const mapping of this.#stack.mappings) while (await this.#workOff(mapping)) isBusy = true;
      if (isBusy) continue;
      const waiting = this.#stack.mappings.filter(({ queue }) => {
        const { inFlight, delayed } = this.#queues.counts(queue.name);
        return inFlight + delayed > 0;
      });
      if (waiting.length > 0) {
        const nextMs = Math.min(...waiting.map(({ queue }) => this.#queues.nextVisibleMs(queue.name)));
        await this.pass(nextMs - this.nowMs);
        isBusy = true;
      }
    }
  }

  /** Calls a function as its schedule does, and processes what follows. */
  async tick(shortName: string): Promise<void> {
    const schedule = this.#stack.schedules.find((one) => one.function.shortName === shortName)!;
    await this.#invoke(schedule.function, {
      time: new Date(this.nowMs).toISOString(),
      resources: [schedule.arn],
    });
    await this.drain();
  }

  /** Lets this much virtual time pass. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + Math.max(ms, 0);
    this.#scheduler.at(untilMs, () => {});
    await this.#scheduler.run(() => this.nowMs >= untilMs);
  }

  /** Forgets what was spent so far. */
  reset(): void {
    this.spent.clear();
    this.keys.clear();
  }

  /** The messages in the outbox of grants, with their attributes. */
  outboxContents(): Content[] {
    const queue = this.#stack.queues.find(({ shortName }) => shortName === 'grants')!;
    return this.#queues.contents(queue.name);
  }

  /** The messages in the outbox of grants. */
  outbox(): string[] {
    return this.outboxContents().map(({ body }) => body);
  }

  of(shortName: string): Spent {
    return this.spent.get(shortName) ?? nothing();
  }

  #urlOf(shortName: string): string {
    return this.#stack.queues.find((one) => one.shortName === shortName)!.url;
  }

  #count(kind: 'read' | 'write', table: string, partition: string | undefined, units: number): void {
    const name = this.#shortNames.get(table)!;
    if (kind === 'write' && partition !== undefined) {
      const key = `${name} ${partition}`;
      this.keys.set(key, (this.keys.get(key) ?? 0) + units);
    }
    if (this.#running === undefined) return;
    const units_ = kind === 'read' ? this.#running.spent.readUnits : this.#running.spent.writeUnits;
    units_[name] = (units_[name] ?? 0) + units;
  }

  /** Processes one batch of a queue; false if nothing can be received. */
  async #workOff({ queue, function: lambda, batchMessagesMax }: Mapping): Promise<boolean> {
    const batch: Message[] = [];
    while (batch.length < batchMessagesMax) {
      const { Messages: messages = [] } = this.#queues.execute('ReceiveMessage', {
        QueueUrl: queue.url,
        MaxNumberOfMessages: Math.min(RECEIVE_MAX, batchMessagesMax - batch.length),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }) as { Messages?: Message[] };
      if (messages.length === 0) break;
      batch.push(...messages);
    }
    if (batch.length === 0) return false;
    const response = await this.#invoke(lambda, { Records: batch.map((one) => recordOf(one, queue.arn)) });
    this.of(lambda.shortName).messages += batch.length;
    const { succeeded } = settle(
      batch.map(({ MessageId: id }) => id!),
      response,
    );
    const done = new Set(succeeded);
    for (const { MessageId: id, ReceiptHandle: handle } of batch)
      if (done.has(id!))
        this.#queues.execute('DeleteMessage', { QueueUrl: queue.url, ReceiptHandle: handle });
    return true;
  }

  async #invoke(lambda: LambdaFunction, event: unknown): Promise<unknown> {
    const handler = this.#handlerOf(lambda);
    const spent = this.spent.get(lambda.shortName) ?? nothing();
    this.spent.set(lambda.shortName, spent);
    this.#running = { spent, emulatorMs: 0 };
    const running = this.#running;
    const [startMs, cpu] = [this.nowMs, process.cpuUsage()];
    let isOver = false;
    const answer = handler(event, {
      functionName: lambda.name,
      awsRequestId: `${lambda.shortName}/${startMs}`,
      getRemainingTimeInMillis: () => lambda.timeoutSeconds * 1_000,
    }).finally(() => {
      isOver = true;
    });
    // Lets the SDK do its own work up to its next call, which then waits in the scheduler.
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#scheduler.run(() => isOver);
    }
    const { user, system } = process.cpuUsage(cpu);
    spent.invocations++;
    spent.cpuMs += Math.max(0, (user + system) / 1_000 - running.emulatorMs);
    spent.rounds += (this.nowMs - startMs) / CALL_MS;
    this.#running = undefined;
    return answer;
  }

  readonly #objects = new MemoryObjects();

  #handlerOf(lambda: LambdaFunction): Handler {
    const known = this.#handlers.get(lambda.shortName);
    if (known !== undefined) return known;
    const handler = FACTORIES[lambda.shortName]!(this.#outsideOf(lambda), this.#objects);
    this.#handlers.set(lambda.shortName, handler);
    return handler;
  }

  #outsideOf(lambda: LambdaFunction): Outside {
    const variables: Record<string, string> = { ...lambda.environment };
    if (variables.BEACON_RELAYS !== undefined) variables.BEACON_RELAYS = RELAY;
    if (variables.ALLOW_REHEARSALS !== undefined) variables.ALLOW_REHEARSALS = 'true';
    const settings = {
      region: LOCAL_REGION,
      credentials: DUMMY_CREDENTIALS,
      endpoint: ENDPOINT,
      requestHandler: this.#requestHandler() as never,
    };
    return {
      clients: {
        dynamodb: unlogged(escapeBodies(new DynamoDBClient(settings))),
        sqs: unlogged(new SQSClient(settings)),
        secrets: { send: (async () => ({ SecretString: 'a text of many random characters' })) as never },
      },
      clock: {
        nowMs: () => Math.floor(this.nowMs),
        wait: (ms) => this.#scheduler.wait(ms),
      },
      random: seededRandom(3),
      environment: (name) => variables[name],
      logger: this.#logger,
      fetch: askRelay,
    };
  }

  /** How the SDK's clients reach the tables and queues: they do all their own work, but use no socket. */
  #requestHandler(): { handle(request: HttpRequest): Promise<{ response: HttpResponse }> } {
    const services = { tables: this.tables, queues: this.#queues };
    const handle = async ({ headers, body }: HttpRequest): Promise<{ response: HttpResponse }> => {
      await this.#scheduler.wait(CALL_MS);
      const target = headers['x-amz-target']!;
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      const startedMs = performance.now();
      const answer = answerAtOnce(services, target, text);
      const answered = answerText(answer);
      const running = this.#running!;
      running.emulatorMs += performance.now() - startedMs;
      running.spent.calls++;
      if (target.includes('.SendMessage')) {
        running.spent.sends++;
        running.spent.sentBytes += Buffer.byteLength(text);
      }
      return {
        response: {
          statusCode: answer.status,
          headers: { 'content-type': 'application/x-amz-json-1.0' },
          body: Readable.from([Buffer.from(answered)]),
        },
      };
    };
    return { handle };
  }
}

type HttpRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string | Uint8Array };
type HttpResponse = { statusCode: number; headers: Record<string, string>; body: Readable };
