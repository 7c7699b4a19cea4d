import { hash } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type DrawKeys, drawKeysOf } from './keys.ts';

const MASTER_KEY = compartment((): { read?: Promise<Uint8Array> } => ({}));

/** Secrets Manager generates texts, not bytes: the key is the hash of the text, which carries far more than 256 bits. */
const readMasterKey = async (runtime: Runtime): Promise<Uint8Array> => {
  const { SecretString: text } = await runtime.secrets.send(
    new GetSecretValueCommand({ SecretId: runtime.environment('DRAW_SECRET') }),
  );
  if (text === undefined || text === '') throw new Error('secret DRAW_SECRET: expected a text, got none');
  return hash('sha256', text, 'buffer');
};

/**
 * The seed and the member key of a campaign's draw. They never leave this worker: no error and no log line contains any part of
 * them.
 */
export const drawKeys = async (runtime: Runtime, campaignId: string): Promise<DrawKeys> => {
  const known = runtime.memory.of(MASTER_KEY);
  known.read ??= readMasterKey(runtime).catch((cause: unknown) => {
    // If the secret cannot be read now, the redelivery reads it again.
    delete known.read;
    throw cause;
  });
  return drawKeysOf(await known.read, campaignId);
};
