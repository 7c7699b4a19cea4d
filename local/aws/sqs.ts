/** SQS and S3 in this process, served by the package fauxqs. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { senderFault } from '#local/emulator/local-sender.ts';
import { LOCAL_REGION } from './addresses.ts';
import { checkPort, LOCAL_HOST, portError } from './ports.ts';
import { sentTimesOf } from './sent-times.ts';
import { answerQuery, isQueueAction, type JsonCall } from './sqs-query.ts';
import type { Queue } from './template.ts';

export type Depth = { readonly visible: number; readonly inFlight: number; readonly delayed: number };

/** A message in a queue. `sentMs`: when it was first sent, in ms since 1970. */
export type QueuedMessage = { readonly body: string; readonly sentMs: number };

/** A message that an earlier run has left. Without a time, it counts as sent when it is put back. */
export type LeftMessage = Pick<QueuedMessage, 'body'> & Partial<QueuedMessage>;

const FORBIDDEN = 403;

/** An endpoint of SQS and S3 in this process. */
export type Sqs = {
  readonly endpoint: string;
  /** Calls SQS from this process. */
  readonly call: JsonCall;
  createQueues(queues: readonly Queue[]): Promise<void>;
  /** Creates empty buckets. They and their objects are gone when this stops. */
  createBuckets(names: readonly string[]): Promise<void>;
  /** How many messages each queue holds, by its name, all at one instant. The call costs the same however many there are. */
  depths(): Promise<Map<string, Depth>>;
  /** All messages in a queue, by the queue's name, without receiving them. */
  messages(queueName: string): Promise<QueuedMessage[]>;
  /**
   * Puts back what an earlier run has left, with the times of sending, which decide what counts if two contents have one event
   * id. To be called before anything receives from the queue: a receiver could see a message before its time is known.
   */
  putBack(queueName: string, left: readonly LeftMessage[]): Promise<void>;
  stop(): Promise<void>;
};

type App = ReturnType<typeof import('fauxqs')['buildApp']>;

const portOf = (app: App): number => (app.server.address() as AddressInfo).port;

/** The header that identifies a call from this process. */
const CALL_ID = 'x-local-call';

type Call = { readonly input: Record<string, unknown>; answer?: Record<string, unknown> };

/**
 * Asks fauxqs without a socket, and without computing a signature. Inputs and answers are passed on as objects: otherwise most
 * of what a run sends and receives would be written as JSON and read again.
 */
const jsonCall = (app: App): JsonCall => {
  const calls = new Map<string, Call>();
  const callOf = ({ headers }: { headers: IncomingHttpHeaders }): Call | undefined =>
    calls.get(String(headers[CALL_ID]));
  app.addHook('preHandler', async (request) => {
    const call = callOf(request);
    if (call !== undefined) request.body = call.input;
  });
  app.addHook('preSerialization', async (request, _reply, payload) => {
    const call = callOf(request);
    if (call === undefined || isAnsweredWithUrl(request.headers)) return payload;
    call.answer = payload as Record<string, unknown>;
    return {};
  });
  return async (action, input) => {
    const id = randomUUID();
    const call: Call = { input };
    calls.set(id, call);
    try {
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: '/',
        headers: {
          // fauxqs builds the URLs of queues from this header.
          host: `${LOCAL_HOST}:${portOf(app)}`,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${action}`,
          authorization: SIGNATURE,
          [CALL_ID]: id,
        },
        payload: '{}',
      });
      const answer = call.answer ?? (body === '' ? {} : (JSON.parse(body) as Record<string, unknown>));
      return { status: statusCode, body: answer };
    } finally {
      calls.delete(id);
    }
  };
};

/** Answers SQS's query protocol, which older clients speak. */
const answerQueries = (app: App, callJson: JsonCall): void => {
  app.addHook('preHandler', async (request, reply) => {
    if (!String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded')) return;
    const parameters = new URLSearchParams(request.body as string | Record<string, string>);
    if (!isQueueAction(parameters.get('Action'))) return;
    const { status, xml } = await answerQuery(parameters, callJson);
    await reply.code(status).type('text/xml').send(xml);
  });
};

/**
 * Starts fauxqs on this port, or on a free port if the number is 0. The package's own `startFauxqs` is not used,
 * because it listens on all interfaces of the machine.
 */
export const startSqs = async (port: number): Promise<Sqs> => {
  checkPort('sqsPort', port);
  // Loaded only when it is needed, because loading it takes a quarter of a second.
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false });
  app.addHook('onRequest', async (request, reply) => {
    const fault = senderFault(request.headers);
    if (fault !== undefined) await reply.code(FORBIDDEN).send({ message: fault });
  });
  // fauxqs builds queue URLs for hosts like sqs.us-east-1.localhost, which many machines cannot resolve. It accepts URLs with
  // any host, so only the answers that contain a URL must be changed.
  app.addHook('onSend', async (request, _reply, payload) =>
    typeof payload === 'string' && isAnsweredWithUrl(request.headers)
      ? payload.replaceAll(FAUXQS_HOST, `http://${LOCAL_HOST}:`)
      : payload,
  );
  const sentTimes = sentTimesOf(app);
  const call = jsonCall(app);
  answerQueries(app, call);
  try {
    await app.listen({ port, host: LOCAL_HOST });
  } catch (error) {
    throw portError('sqsPort', port, error);
  }
  const actualPort = portOf(app);

  /** What fauxqs says about its queues, without using a socket. */
  const inspect = async <T>(url: string): Promise<T> => {
    // This call needs no I/O. Without this pause, a loop that waits for a change would never let the change
    // happen.
    await setImmediate();
    const { statusCode, body } = await app.inject({ method: 'GET', url });
    if (statusCode !== 200) throw new Error(`sqs: ${url} answered ${statusCode}: ${body}`);
    return JSON.parse(body) as T;
  };
  return {
    endpoint: `http://${LOCAL_HOST}:${actualPort}`,
    call,
    async createQueues(queues) {
      for (const { name, attributes } of queues) {
        const { status, body } = await call('CreateQueue', { QueueName: name, Attributes: attributes });
        if (status !== 200) throw new Error(`sqs: cannot create the queue ${name}: ${JSON.stringify(body)}`);
      }
    },
    async createBuckets(names) {
      for (const name of names) {
        const headers = { host: `${LOCAL_HOST}:${actualPort}` };
        const { statusCode, body } = await app.inject({ method: 'PUT', url: `/${name}`, headers });
        if (statusCode !== 200) throw new Error(`s3: cannot create the bucket ${name}: ${body}`);
      }
    },
    async depths() {
      const queues = await inspect<QueueCounts[]>('/_fauxqs/queues');
      return new Map(
        queues.map((queue) => [
          queue.name,
          {
            visible: queue.approximateMessageCount,
            inFlight: queue.approximateInflightCount,
            delayed: queue.approximateDelayedCount,
          },
        ]),
      );
    },
    async messages(queueName) {
      const { messages } = await inspect<QueueContent>(`/_fauxqs/queues/${queueName}`);
      const inFlight = messages.inflight.map(({ message }) => message);
      return [...messages.ready, ...inFlight, ...messages.delayed].map(
        ({ messageId, body, sentTimestamp }) => ({ body, sentMs: sentTimes.get(messageId) ?? sentTimestamp }),
      );
    },
    async putBack(queueName, left) {
      const url = `http://${LOCAL_HOST}:${actualPort}/000000000000/${queueName}`;
      for (const { body, sentMs } of left) {
        const { status, body: answer } = await call('SendMessage', { QueueUrl: url, MessageBody: body });
        if (status !== 200)
          throw new Error(`sqs: cannot put a message back into ${queueName}: ${JSON.stringify(answer)}`);
        if (sentMs !== undefined) sentTimes.set(String(answer.MessageId), sentMs);
      }
    },
    stop: () => app.close(),
  };
};

/** The part of a signature that fauxqs reads: it takes a queue's region from the scope. */
const SIGNATURE = `AWS4-HMAC-SHA256 Credential=local/20260101/${LOCAL_REGION}/sqs/aws4_request`;
const FAUXQS_HOST = /http:\/\/sqs\.[^./]+\.localhost:/g;
const ANSWERS_WITH_URLS = new Set(['AmazonSQS.CreateQueue', 'AmazonSQS.GetQueueUrl', 'AmazonSQS.ListQueues']);

/** Whether a request asks for the URLs of queues. */
const isAnsweredWithUrl = (headers: IncomingHttpHeaders): boolean =>
  ANSWERS_WITH_URLS.has(String(headers['x-amz-target']));

type QueueCounts = {
  name: string;
  approximateMessageCount: number;
  approximateInflightCount: number;
  approximateDelayedCount: number;
};
type InspectedMessage = { messageId: string; body: string; sentTimestamp: number };
type QueueContent = {
  messages: {
    ready: InspectedMessage[];
    delayed: InspectedMessage[];
    inflight: { message: InspectedMessage }[];
  };
};
