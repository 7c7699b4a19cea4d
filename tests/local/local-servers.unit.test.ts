import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startBeaconRelay } from '#local/aws/beacon-relay.ts';
import { type Secrets, startSecrets } from '#local/aws/secrets.ts';
import { startBoardServer } from '#local/board/server.ts';
import { serve } from '#local/emulator/http.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:draw';
type Answer = { status: number | undefined; text: string };

const ask = (
  endpoint: string,
  { path = '/', body, ...headers }: { path?: string; body?: string; host?: string; origin?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue', ...headers },
    };
    request(new URL(path, endpoint), options, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    })
      .on('error', reject)
      .end(body);
  });

describe('the local Secrets Manager', () => {
  let secrets: Secrets;
  afterEach(() => secrets.stop());

  it('answers programs of this machine, and no web page, whatever name the page gave to the machine', async () => {
    secrets = await startSecrets([ARN]);
    const body = JSON.stringify({ SecretId: ARN });
    const { status, text } = await ask(secrets.endpoint, { body });
    expect(status).toBe(200);
    const secret = (JSON.parse(text) as { SecretString: string }).SecretString;
    expect(secret.length).toBeGreaterThan(60);
    for (const headers of [{ host: 'rebound.example' }, { origin: 'https://elsewhere.example' }]) {
      const refused = await ask(secrets.endpoint, { body, ...headers });
      expect(refused.status).toBe(403);
      expect(refused.text).not.toContain(secret);
    }
  });

  it.each(['', 'null', '{', '[]', '{"SecretId":"__proto__"}', '{"SecretId":"toString"}'])(
    'refuses %j and goes on',
    async (body) => {
      secrets = await startSecrets([ARN]);
      expect((await ask(secrets.endpoint, { body })).status).toBe(400);
      expect((await ask(secrets.endpoint, { body: JSON.stringify({ SecretId: ARN }) })).status).toBe(200);
    },
  );
});

it('the recorded beacon does not answer a web page that gave this machine another name', async () => {
  const relay = await startBeaconRelay();
  const path = `/${'ab'.repeat(32)}/public/1`;
  expect((await ask(relay.endpoint, { path })).status).not.toBe(403);
  expect((await ask(relay.endpoint, { path, host: 'rebound.example' })).status).toBe(403);
  await relay.stop();
});

/** Whether a connection to an address of this machine is accepted. */
const isAccepted = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (accepted: boolean) => () => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });

describe('a local server listens on 127.0.0.1 and on no other address:', () => {
  it.each([
    ['the screen', () => startBoardServer(0, async () => ({ ok: true, html: '' }))],
    ['Secrets Manager', () => startSecrets([ARN])],
    ['the recorded beacon', startBeaconRelay],
    ['tables and queues', () => serve(0, {} as never)],
  ])('%s', async (_, start: () => Promise<{ url?: string; endpoint?: string; stop(): Promise<void> }>) => {
    const server = await start();
    const port = Number(new URL((server.url ?? server.endpoint)!).port);
    expect(await isAccepted('127.0.0.1', port)).toBe(true);
    expect(await isAccepted('127.0.0.2', port)).toBe(false);
    expect(await isAccepted('::1', port)).toBe(false);
    await server.stop();
  });
});
