import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Objects } from './objects.ts';

const NO_SUCH_UPLOAD = 'NoSuchUpload';

/**
 * The objects of a bucket. The client must send no checksums of its own (`requestChecksumCalculation: 'WHEN_REQUIRED'`). If it
 * sends them with parts, S3 requires all of them again at the end.
 */
export const s3Objects = (s3: Pick<S3Client, 'send'>, bucket: string): Objects => ({
  put: async (key, body) => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  },
  get: async (key) => {
    try {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await body!.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
  beginUpload: async (key) => {
    const { UploadId: upload } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: 'application/x-ndjson' }),
    );
    return upload!;
  },
  uploadPart: async (key, upload, number, body) => {
    const { ETag: tag } = await s3.send(
      new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: upload, PartNumber: number, Body: body }),
    );
    return tag!;
  },
  endUpload: async (key, upload, tags) => {
    const parts = tags.map((tag, i) => ({ PartNumber: i + 1, ETag: tag }));
    try {
      await s3.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          UploadId: upload,
          MultipartUpload: { Parts: parts },
        }),
      );
    } catch (error) {
      if ((error as Error).name !== NO_SUCH_UPLOAD) throw error;
      // If the object is there, the upload was ended before and the answer was lost. If it is not, this call throws.
      await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    }
  },
});
