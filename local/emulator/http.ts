/** Serves the emulated tables and queues over HTTP. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { senderFault } from './local-sender.ts';
import type { Queues } from './queues.ts';
import type { Tables } from './tables.ts';

const HOST = '127.0.0.1';
const BODY_BYTES_MAX = 32 * 1024 * 1024;
const DYNAMODB_TARGET = 'DynamoDB_20120810';
const SQS_TARGET = 'AmazonSQS';
const DYNAMODB_TYPES = 'com.amazonaws.dynamodb.v20120810#';
const SQS_TYPES = 'com.amazonaws.sqs#';
/** How long a waiting receive pauses before it looks for messages again. */
const RECEIVE_POLL_MS = 20;
const SECOND_MS = 1_000;

export type Endpoint = { readonly endpoint: string; stop(): Promise<void> };

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const checkSender = ({ headers }: IncomingMessage): void => {
  const fault = senderFault(headers);
  if (fault !== undefined) throw new Refusal(403, fault);
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX)
      throw new Refusal(413, `body: expected at most ${BODY_BYTES_MAX} bytes, got more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

/**
 * Puts bytes where the protocol has base64: in DynamoDB under `B` and `BS`, in messages under `BinaryValue`.
 * This is much faster than a function that JSON.parse calls for each value.
 */
const restoreBytes = (node: object): void => {
  if (Array.isArray(node)) {
    for (const element of node) if (typeof element === 'object' && element !== null) restoreBytes(element);
    return;
  }
  const fields = node as Record<string, unknown>;
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'string') {
      if (key === 'B' || key === 'BinaryValue') fields[key] = bytesOf(value);
    } else if (typeof value === 'object' && value !== null) {
      if (key === 'BS' && Array.isArray(value) && value.every((element) => typeof element === 'string'))
        fields[key] = value.map(bytesOf);
      else restoreBytes(value);
    }
  }
};

/**
 * A value as JSON can hold it: bytes as base64, times in seconds since 1970. A value without these is
 * returned as it is.
 */
const asJson = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (value instanceof Date) return value.getTime() / SECOND_MS;
  if (Array.isArray(value)) return value.map(asJson);
  const fields = value as Record<string, unknown>;
  let changed: Record<string, unknown> | undefined;
  for (const key in fields) {
    const json = asJson(fields[key]);
    if (json === fields[key]) continue;
    changed ??= { ...fields };
    changed[key] = json;
  }
  return changed ?? fields;
};

const receive = async (
  queues: Queues,
  input: { WaitTimeSeconds?: number },
  response: ServerResponse,
): Promise<object> => {
  const untilMs = performance.now() + (input.WaitTimeSeconds ?? 0) * SECOND_MS;
  for (;;) {
    const answer = queues.execute('ReceiveMessage', input);
    if ('Messages' in answer || performance.now() >= untilMs || response.destroyed) return answer;
    await sleep(RECEIVE_POLL_MS);
  }
};

type ServiceError = Error & { $metadata?: { httpStatusCode?: number } };

const errorAnswer = (error: unknown, types: string): Answer => {
  const {
    name,
    message,
    $metadata: metadata,
    $fault: _,
    $service: __,
    $response: ___,
    stack: ____,
    ...rest
  } = error as ServiceError & Record<string, unknown>;
  if (metadata === undefined) throw error;
  return { status: metadata.httpStatusCode ?? 400, body: { ...rest, __type: `${types}${name}`, message } };
};

/** Parses the body of a request or an answer, and puts bytes where the protocol has base64. */
export const inputOf = (text: string): object => {
  const input = JSON.parse(text || '{}') as object;
  restoreBytes(input);
  return input;
};

export type Services = { readonly tables: Tables; readonly queues: Queues };
export type Answer = { readonly status: number; readonly body: object };

/**
 * Carries out an operation of the AWS JSON protocol, such as `DynamoDB_20120810.PutItem` or one of `AmazonSQS`, and returns its
 * answer or the service's error. A receive does not wait for messages.
 */
export const answerAtOnce = ({ tables, queues }: Services, target: string, text: string): Answer => {
  const [service, operation = ''] = target.split('.');
  const input = inputOf(text);
  try {
    const body =
      service === DYNAMODB_TARGET ? tables.execute(operation, input) : queues.execute(operation, input);
    return { status: 200, body };
  } catch (error) {
    return errorAnswer(error, service === DYNAMODB_TARGET ? DYNAMODB_TYPES : SQS_TYPES);
  }
};

/** An answer's body as the protocol writes it. */
export const answerText = ({ body }: Answer): string => JSON.stringify(asJson(body));

const answerTo = async (
  request: IncomingMessage,
  response: ServerResponse,
  services: Services,
): Promise<Answer> => {
  checkSender(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  const [service, operation] = target.split('.');
  if (request.method !== 'POST' || (service !== DYNAMODB_TARGET && service !== SQS_TARGET))
    throw new Refusal(404, `target: expected an operation of DynamoDB or SQS, got ${service}`);
  const text = await readBody(request);
  if (operation !== 'ReceiveMessage') return answerAtOnce(services, target, text);
  try {
    return { status: 200, body: await receive(services.queues, inputOf(text), response) };
  } catch (error) {
    return errorAnswer(error, SQS_TYPES);
  }
};

/**
 * Serves tables and queues in the AWS JSON protocol on a port of this machine, 0 for a free one, so that the
 * SDK's clients can be pointed at it. A request to another service is refused with status 404, one from a
 * web page with 403, and one with too long a body with 413. Any other failure, such as a body that is not
 * JSON, is answered with status 500.
 */
export const serve = async (port: number, services: Services): Promise<Endpoint> => {
  const server = createServer((request, response) => {
    void answerTo(request, response, services)
      .catch((error: Error) =>
        error instanceof Refusal
          ? { status: error.status, body: { message: error.message } }
          : { status: 500, body: { __type: 'InternalServerError', message: error.message } },
      )
      .then((answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(answerText(answer));
      });
  });
  server.listen(port, HOST);
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  return {
    endpoint: `http://${HOST}:${actualPort}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
