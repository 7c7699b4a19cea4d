import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { senderFault } from '../emulator/local-sender.ts';
import { LOCAL_HOST } from './ports.ts';

/** A Secrets Manager that knows one call, GetSecretValue, and keeps its secrets in a file that only this user may read. */
export type Secrets = { readonly endpoint: string; readonly file: string; stop(): Promise<void> };

const OWNER_ONLY = 0o600;
/** A few more random bits than a secret of the stack has. */
const SECRET_BYTES = 48;
const GET_SECRET_VALUE = 'secretsmanager.GetSecretValue';
const CONTENT_TYPE = 'application/x-amz-json-1.1';
const BAD_REQUEST = 'InvalidRequestException';

/**
 * Starts a Secrets Manager with these secrets, by ARN. Secrets that are in the file are kept; the others are
 * created.
 */
export const startSecrets = async (arns: readonly string[], file?: string): Promise<Secrets> => {
  const directory = file === undefined ? mkdtempSync(join(tmpdir(), 'zhihui-secrets-')) : undefined;
  const path = file ?? join(directory ?? '', 'secrets.json');
  const secrets = { ...newSecrets(arns), ...readSecrets(path) };
  writeSecrets(path, secrets);
  const server = createServer((request, response) => {
    void answer(request, secrets)
      .catch(
        (error: Error): Answer => ({ status: 400, body: { __type: BAD_REQUEST, message: error.message } }),
      )
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': CONTENT_TYPE }).end(JSON.stringify(body));
      });
  });
  server.listen(0, LOCAL_HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${LOCAL_HOST}:${port}`,
    file: path,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
};

const newSecrets = (arns: readonly string[]): Record<string, string> =>
  Object.fromEntries(arns.map((arn) => [arn, randomBytes(SECRET_BYTES).toString('base64url')]));

const readSecrets = (path: string): Record<string, string> =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {};

/** Replaces the file atomically. It never exists with wider permissions. */
const writeSecrets = (path: string, secrets: Record<string, string>): void => {
  const draft = join(dirname(path), `.${randomBytes(SECRET_BYTES).toString('hex').slice(0, 16)}`);
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  renameSync(draft, path);
};

type Answer = { status: number; body: object };

const answer = async (request: IncomingMessage, secrets: Record<string, string>): Promise<Answer> => {
  const fault = senderFault(request.headers);
  if (fault !== undefined) return { status: 403, body: { message: fault } };
  const refuse = (type: string): Answer => ({ status: 400, body: { __type: type, message: type } });
  if (request.headers['x-amz-target'] !== GET_SECRET_VALUE) return refuse(BAD_REQUEST);
  const { SecretId: arn = '' } = ((await json(request)) ?? {}) as { SecretId?: string };
  if (!Object.hasOwn(secrets, arn)) return refuse('ResourceNotFoundException');
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  return { status: 200, body: { ARN: arn, Name: name, SecretString: secrets[arn] } };
};
