import type { LocalStack } from '#local/aws/template.ts';
import { erasedIdViolations } from './erased-ids.ts';
import { exportViolations } from './exports.ts';
import type { Fault, Weather } from './faults.ts';
import { inspectingRuntime } from './inspecting-runtime.ts';
import type { QueueAtEnd } from './oracle/invariant.ts';
import { TABLES, type TableName } from './oracle/observation.ts';
import { Oracle } from './oracle/oracle.ts';
import { CODECS, figuresReader, peekInto } from './oracle/pipeline-view.ts';
import type { Violation } from './oracle/violation.ts';
import { atTime, lineOf, type Trace } from './trace.ts';
import type { Step } from './worker.ts';
import type { OutboxGrant, Stage, Workload } from './workload/workload.ts';
import { World } from './world.ts';

export type JudgedRun = {
  readonly violations: readonly Violation[];
  readonly counts: ReadonlyMap<string, number>;
  readonly struck: Readonly<Record<Fault, number>>;
  /**
   * How many messages producers sent, and how many events and orders were in them. `events` counts each
   * content of an event once, and a value that is no event as often as it was sent. `orders` counts orders
   * and refunds, each event id once.
   */
  readonly messages: number;
  readonly events: number;
  readonly orders: number;
  readonly steps: number;
  /** How many items of the tables were deleted because they had expired. */
  readonly expired: number;
  readonly virtualMs: number;
  /** How many invocations the account had no capacity for. */
  readonly throttled: number;
};

/** The time between two looks at the figures, while a run is young. */
const SAMPLE_MS = 600_000;
/** Later it is this share of the time since the run's start, so that a long run takes few looks. */
const SAMPLE_SHARE = 0.1;
/** The queue that the workload sends to, and the outbox, by the stack's short names. */
const FRONT_DOOR = 'events';
const OUTBOX = 'grants';
const OUTPUTS = new Set([OUTBOX, 'rejects']);

const physicalTables = (world: World): Readonly<Record<TableName, string>> =>
  Object.fromEntries(TABLES.map((table) => [table, world.tableOf(table)])) as Record<TableName, string>;

const oracleOf = (world: World, stack: LocalStack): Oracle => {
  const tableNames = physicalTables(world);
  const tables = new Map(TABLES.map((table) => [tableNames[table], table]));
  const queues = new Map(stack.queues.map(({ url, shortName }) => [url, shortName]));
  const peek = peekInto(world.tables, tableNames);
  return new Oracle({
    names: { tableOf: (name) => tables.get(name), queueOf: (url) => queues.get(url) },
    peek,
    secret: world.secret,
    figuresOf: figuresReader(inspectingRuntime(world)),
    codecs: CODECS,
  });
};

class Producers implements Stage {
  readonly scheduler: World['scheduler'];
  onSent: (text: string) => void = () => {};
  readonly #world: World;
  readonly #oracle: Oracle;
  readonly #stack: LocalStack;
  readonly #listeners: ((grant: OutboxGrant) => void)[] = [];
  readonly #sent = new Map<string, string[]>();

  constructor(world: World, oracle: Oracle, stack: LocalStack) {
    this.scheduler = world.scheduler;
    this.#world = world;
    this.#oracle = oracle;
    this.#stack = stack;
  }

  send(body: unknown, atMs: number, attributes?: Readonly<Record<string, string>>): void {
    this.scheduler.at(atMs, () => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      this.onSent(text);
      // In whole milliseconds, as the queue states the time of sending.
      this.#oracle.noteSent(text, Math.floor(this.scheduler.nowMs));
      this.noteSent(FRONT_DOOR, text);
      this.#world.send(FRONT_DOOR, text, attributes);
    });
  }

  onGrant(listen: (grant: OutboxGrant) => void): void {
    this.#listeners.push(listen);
  }

  redrive(functionName: string, atMs: number): void {
    const { queue } = this.#stack.mappings.find((mapping) => mapping.function.shortName === functionName)!;
    const name = this.#stack.queues.find(({ url }) => url === queue.url)!.shortName;
    this.scheduler.at(atMs, () => {
      for (const body of [...(this.#sent.get(name) ?? [])]) this.#world.send(name, body);
    });
  }

  /** Notes a message on any queue, and passes grants on the outbox to the listeners. */
  noteSent(queue: string, body: string): void {
    const sent = this.#sent.get(queue);
    if (sent === undefined) this.#sent.set(queue, [body]);
    else sent.push(body);
    if (queue !== OUTBOX) return;
    for (const grant of JSON.parse(body) as OutboxGrant[])
      for (const listen of this.#listeners) listen(grant);
  }
}

const queuesAtEnd = (world: World, stack: LocalStack): QueueAtEnd[] => {
  const working = new Set(stack.mappings.map(({ queue }) => queue.url));
  return stack.queues.map(({ name, shortName, url }) => ({
    name: shortName,
    kind: OUTPUTS.has(shortName) ? 'output' : working.has(url) ? 'work' : 'dead-letter',
    bodies: OUTPUTS.has(shortName) ? [] : world.queues.contents(name).map(({ body }) => body),
  }));
};

type RunOptions = {
  readonly seed: number;
  readonly faults: Weather;
  /** Is called with a line of text for each message that is sent, each fault and each write. */
  readonly trace?: Trace;
  /** Is called with each call that its service has carried out. */
  readonly onCall?: (step: Step) => void;
  /** How many invocations the account leaves to the stack at a time; no limit by default. */
  readonly concurrencyAt?: (nowMs: number) => number;
};

/** Runs a workload under faults, then without faults until all work is done, and has the oracle judge the run. */
export const judgedRun = async (
  stack: LocalStack,
  { startMs, endMs, start }: Workload,
  { seed, faults, trace, onCall, concurrencyAt }: RunOptions,
): Promise<JudgedRun> => {
  let steps = 0;
  let onStep: ConstructorParameters<typeof World>[0]['onStep'] = () => {};
  const world = new World({ stack, seed, faults, startMs, onStep: (step) => onStep(step), concurrencyAt });
  const oracle = oracleOf(world, stack);
  const producers = new Producers(world, oracle, stack);
  if (trace !== undefined) {
    const tell = (line: string): void => atTime(trace, world.scheduler.nowMs, line);
    world.faults.onStrike = (fault) => tell(`fault: ${fault}`);
    producers.onSent = (text) => tell(`sent: ${text}`);
  }
  const shortNames = new Map(stack.queues.map(({ url, shortName }) => [url, shortName]));
  onStep = (step) => {
    steps++;
    onCall?.(step);
    oracle.onStep(step);
    const line = trace && lineOf(step);
    if (line !== undefined) atTime(trace!, step.atMs, line);
    if (!step.operation.startsWith('SendMessage')) return;
    const { QueueUrl, Entries = [] } = step.input as {
      QueueUrl: string;
      Entries?: { MessageBody: string }[];
    };
    for (const { MessageBody } of Entries) producers.noteSent(shortNames.get(QueueUrl) ?? '', MessageBody);
  };
  start(producers);
  const lookAfterMs = (atMs: number): number => Math.max(SAMPLE_MS, (atMs - startMs) * SAMPLE_SHARE);
  for (let atMs = startMs + SAMPLE_MS; atMs < endMs; atMs += lookAfterMs(atMs)) {
    await world.runUntil(atMs);
    await oracle.sample(atMs);
  }
  await world.calm();
  world.end();
  const { nowMs } = world.scheduler;
  await oracle.end(nowMs, queuesAtEnd(world, stack));
  const { violations, counts, ledger, erasures } = oracle;
  return {
    violations: [
      ...violations,
      ...world.log.violations,
      ...exportViolations(world.objects, nowMs),
      ...erasedIdViolations(world.tables, physicalTables(world), { erasures, atMs: nowMs }),
    ],
    counts,
    struck: world.faults.struck,
    messages: ledger.messages,
    events: ledger.events,
    orders: ledger.orders.size,
    steps,
    expired: world.tables.expired,
    virtualMs: nowMs - startMs,
    throttled: world.account.throttled,
  };
};
