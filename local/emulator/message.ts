/** The content of an SQS message: its checks, its size and its digests. */
import { hash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { invalidContents, invalidParameter, missingParameter } from './queue-exceptions.ts';

/** The most bytes of a message, and of all messages of a batch together, attributes included. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;
const ATTRIBUTES_MAX = 10;
/** What XML 1.0 does not allow is refused, including half of a surrogate pair. */
const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const md5 = (data: string | Uint8Array): string => hash('md5', data);

export type Attributes = Readonly<Record<string, MessageAttributeValue>>;
/** What a sender gives, with the digest of the body, which every call that receives the message returns. */
export type Content = { readonly body: string; readonly attributes: Attributes; readonly bodyDigest: string };

const contentBytes = ({ body, attributes }: Pick<Content, 'body' | 'attributes'>): number => {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = '', StringValue: text = '', BinaryValue: binary }] of Object.entries(
    attributes,
  ))
    bytes +=
      Buffer.byteLength(name) + Buffer.byteLength(DataType) + (binary?.length ?? Buffer.byteLength(text));
  return bytes;
};

/** Reads a message. Throws SQS's exception for a message that SQS refuses. The caller checks the message's size. */
export const contentOf = (
  body: string | undefined,
  attributes: Attributes = {},
): { readonly content: Content; readonly bytes: number } => {
  if (body === undefined) throw missingParameter('MessageBody');
  if (body === '')
    throw invalidParameter(
      'One or more parameters are invalid. Reason: Message must be at least one character.',
    );
  if (REFUSED.test(body)) throw invalidContents();
  const entries = Object.entries(attributes);
  if (entries.length > ATTRIBUTES_MAX)
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`,
    );
  for (const [name, { DataType: type, StringValue: text, BinaryValue: binary }] of entries) {
    const isBinary = type?.startsWith('Binary');
    if (!/^(String|Number|Binary)(\.|$)/.test(type ?? '') || (isBinary ? binary === undefined : !text))
      throw invalidParameter(
        `The message attribute '${name}' must contain a non-empty value of type '${type}'.`,
      );
    if (text !== undefined && REFUSED.test(text)) throw invalidContents();
  }
  const content = {
    body,
    attributes: Object.fromEntries(entries.map(([name, value]) => [name, { ...value }])),
    bodyDigest: md5(body),
  };
  return { content, bytes: contentBytes(content) };
};

const withLength = (data: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(data as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** The digest of the attributes (Developer Guide, "Calculating the MD5 message digest for message attributes"). */
export const attributesDigest = ({ attributes }: Pick<Content, 'attributes'>): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { DataType: type = '', StringValue: text, BinaryValue: binary } = attributes[name]!;
    const isBinary = type.startsWith('Binary');
    return [
      withLength(name),
      withLength(type),
      Buffer.from([isBinary ? 2 : 1]),
      withLength(isBinary ? binary! : text!),
    ];
  });
  return md5(Buffer.concat(parts));
};
