/** Reads the keys behind the stack's secrets. */
import { hash } from 'node:crypto';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { compartment } from './memory.ts';
import type { Runtime } from './runtime.ts';

/** For each variable that holds a secret's ARN, the key that was read or is being read. */
const KEYS = compartment(() => new Map<string, Promise<Uint8Array>>());

/** Secrets Manager generates texts, not bytes: the key is the hash of the text, which carries far more than 256 bits. */
const readKey = async (runtime: Runtime, variable: string): Promise<Uint8Array> => {
  const { SecretString: text } = await runtime.secrets.send(
    new GetSecretValueCommand({ SecretId: runtime.environment(variable) }),
  );
  if (text === undefined || text === '') throw new Error(`secret ${variable}: expected a text, got none`);
  return hash('sha256', text, 'buffer');
};

/**
 * The key behind the secret whose ARN is in this environment variable: 32 bytes, read once by each worker. It never leaves the
 * worker, and no error and no log line contains any part of it.
 */
export const masterKey = (runtime: Runtime, variable: string): Promise<Uint8Array> => {
  const keys = runtime.memory.of(KEYS);
  const known = keys.get(variable);
  if (known !== undefined) return known;
  const reading = readKey(runtime, variable).catch((cause: unknown) => {
    // If the secret cannot be read now, the redelivery reads it again.
    keys.delete(variable);
    throw cause;
  });
  keys.set(variable, reading);
  return reading;
};
