import { hash } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { environment } from '#platform/environment.ts';
import { type DrawKeys, drawKeysOf } from './keys.ts';

const client = new SecretsManagerClient({});

let masterKey: Promise<Uint8Array> | undefined;

/** Secrets Manager makes texts, not bytes: the key is the hash of the text, whose characters carry far more than 256 bits. */
const readMasterKey = async (): Promise<Uint8Array> => {
  const { SecretString: text } = await client.send(
    new GetSecretValueCommand({ SecretId: environment('DRAW_SECRET') }),
  );
  if (text === undefined || text === '') throw new Error('secret DRAW_SECRET: expected a text, got none');
  return hash('sha256', text, 'buffer');
};

/**
 * The seed and the member key of a campaign's draw. They are kept in this process and go nowhere from it: no error and no
 * log line has a part of them.
 */
export const drawKeys = async (campaignId: string): Promise<DrawKeys> => {
  masterKey ??= readMasterKey().catch((cause: unknown) => {
    // A secret that could not be read now may be readable at the next delivery.
    masterKey = undefined;
    throw cause;
  });
  return drawKeysOf(await masterKey, campaignId);
};
