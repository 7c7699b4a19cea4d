import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputOf } from '#local/emulator/http.ts';
import type { Faults } from './faults.ts';
import { type Refusal, refusalOf } from './refusals.ts';

/** A call to DynamoDB or SQS. */
export type Call = { readonly operation: string; readonly input: object };
/** The service's answer, or undefined if the connection broke first. */
export type Forward = () => Promise<Answered | undefined>;
export type Answered = { readonly status: number; readonly body: Buffer };

export type ProxyOptions = {
  readonly faults: Faults;
  /** Forwards a call or drops it. Returns the answer for the caller; undefined if there is none. */
  readonly pass: (call: Call, forward: Forward) => Promise<Answered | undefined>;
  /** Whether a call may change something. */
  readonly isWrite: (operation: string) => boolean;
};

export type FaultyProxy = {
  readonly endpoint: string;
  /** Where calls go from now on. */
  target: string;
  stop(): Promise<void>;
};

const HOST = '127.0.0.1';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** Longer than any client of the functions waits for an answer. */
const WITHHELD_MS = 8_000;

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const forwardTo = async (
  target: string,
  { headers, body, agent }: { headers: IncomingMessage['headers']; body: Buffer; agent: Agent },
): Promise<Answered | undefined> => {
  const { host } = new URL(target);
  const { 'transfer-encoding': _, connection: __, ...kept } = headers;
  const outgoing = request(target, {
    method: 'POST',
    agent,
    headers: { ...kept, host, 'content-length': String(body.length) },
  });
  try {
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await bodyOf(response) };
  } catch {
    return undefined;
  }
};

/** Passes on a request that is of neither service, such as one of S3, which the emulator of SQS answers too. */
const relay = (target: string, incoming: IncomingMessage, response: ServerResponse): void => {
  const { host } = new URL(target);
  const { method, url, headers } = incoming;
  const outgoing = request(
    new URL(url ?? '/', target),
    { method, headers: { ...headers, host } },
    (answered) => {
      response.writeHead(answered.statusCode ?? 0, answered.headers);
      answered.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
};

const answer = (response: ServerResponse, { status, body }: Answered): void => {
  response.writeHead(status, { 'content-type': CONTENT_TYPE });
  response.end(body);
};

const textOf = ({ status, body }: Refusal): Answered => ({ status, body: Buffer.from(JSON.stringify(body)) });

/** Listens on a free port of this machine, and passes calls on to a service, some of them with a fault. */
export const startProxy = async (
  target: string,
  { faults, pass, isWrite }: ProxyOptions,
): Promise<FaultyProxy> => {
  const agent = new Agent({ keepAlive: true });
  let to = target;
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = String(incoming.headers['x-amz-target'] ?? '');
    if (name === '') return relay(to, incoming, response);
    const body = await bodyOf(incoming);
    const call = { operation: name.slice(name.indexOf('.') + 1), input: inputOf(body.toString()) };
    const fault = faults.of({ isWrite: name.startsWith('DynamoDB') && isWrite(call.operation) });
    const refusal = fault && refusalOf(fault, name, call.input);
    if (refusal !== undefined) return answer(response, textOf(refusal));
    if (fault === 'reset') return void response.destroy();
    if (fault === 'slow') await sleep(faults.slowMs());
    const { headers } = incoming;
    const answered = await pass(call, () => forwardTo(to, { headers, body, agent }));
    if (fault === 'timeoutAfterCommit') await sleep(WITHHELD_MS, undefined, { ref: false });
    if (answered === undefined || fault === 'timeoutAfterCommit' || fault === 'resetAfterCommit')
      response.destroy();
    else answer(response, answered);
  };
  const server = createServer((incoming, response) => {
    // A failure means that the caller was killed: its connection is broken, and nobody waits for the answer.
    serve(incoming, response).catch(() => {
      response.destroy();
    });
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${HOST}:${port}`,
    get target() {
      return to;
    },
    set target(url) {
      to = url;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      agent.destroy();
    },
  };
};
