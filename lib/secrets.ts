/** Makes secrets that are never rotated. */
import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** Letters and digits: 64 of them carry 381 bits. */
const SECRET_CHARACTERS = 64;

/** A random text that nobody chooses or sees. It is never rotated; `reason` says why. */
export const lastingSecret = (
  scope: Construct,
  id: string,
  removalPolicy: RemovalPolicy,
  reason: string,
): Secret => {
  const secret = new Secret(scope, id, {
    generateSecretString: { passwordLength: SECRET_CHARACTERS, excludePunctuation: true },
    removalPolicy,
  });
  Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason });
  return secret;
};
