import { S3Client } from '@aws-sdk/client-s3';
import type { Objects } from '#platform/objects.ts';
import { s3Objects } from '#platform/s3-objects.ts';
import { unlogged } from '#platform/unlogged.ts';

/**
 * Opens buckets by their names, in Lambda and in the processes of the local run. A part of an export is larger than what calls
 * to other services send, so a call may take longer than theirs.
 */
export const lambdaBuckets = (): ((bucket: string) => Objects) => {
  const s3 = unlogged(
    new S3Client({
      maxAttempts: 4,
      retryMode: 'standard',
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
    }),
  );
  return (bucket) => s3Objects(s3, bucket);
};
