import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type StackStub = {
  endpoint: string;
  /** For each call, the region that it was signed for and the access key that signed it. */
  signedFor: string[];
  stop(): Promise<void>;
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const memberOf = ([key, value]: [string, string]): string =>
  `<member><OutputKey>${escaped(key)}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`;

const answerOf = (name: string, outputs: Readonly<Record<string, string>>): string =>
  `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>${escaped(name)}</StackName><CreationTime>2026-11-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.entries(outputs).map(memberOf).join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

const refusalOf = (name: string): string =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${escaped(name)} does not exist</Message></Error></ErrorResponse>`;

/** A server that answers DescribeStacks for one stack as CloudFormation does, and refuses every other request. */
export const startStackStub = async (
  stack: string,
  outputs: Readonly<Record<string, string>>,
): Promise<StackStub> => {
  const signedFor: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const [, key, region] =
        /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
      signedFor.push(`${region} ${key}`);
      const form = new URLSearchParams(body);
      const name = form.get('StackName') ?? '';
      const isKnown = form.get('Action') === 'DescribeStacks' && name === stack;
      response.writeHead(isKnown ? 200 : 400, { 'content-type': 'text/xml' });
      response.end(isKnown ? answerOf(name, outputs) : refusalOf(name));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signedFor,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
