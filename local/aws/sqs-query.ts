/**
 * SQS's older wire protocol (query parameters in, XML out) over the newer one (JSON), for clients from before 2024, such as the
 * AWS CLI that Debian 12 ships. (Amazon SQS API Reference, "Making Query API requests".)
 */

/** The answer to a JSON call. */
export type JsonAnswer = { status: number; body: Record<string, unknown> };
/** A call of the JSON protocol: the action without its service, and its input. */
export type JsonCall = (action: string, input: Record<string, unknown>) => Promise<JsonAnswer>;
export type QueryAnswer = { status: number; xml: string };

const NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';
const REQUEST_ID = '00000000-0000-0000-0000-000000000000';

/** The JSON names of the actions' lists, by the names of their elements in queries. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
};
const NUMBERS = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'VisibilityTimeout',
  'WaitTimeSeconds',
  'MaxResults',
]);

/** The XML names of the elements of a JSON answer's lists. */
const ELEMENTS: Readonly<Record<string, string>> = {
  Messages: 'Message',
  QueueUrls: 'QueueUrl',
  Successful: '',
  Failed: 'BatchResultErrorEntry',
};

/** The actions that are answered here. Others are passed on. */
const ACTIONS = new Set([
  'DeleteMessage',
  'DeleteMessageBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
  'SendMessageBatch',
]);

export const isQueueAction = (action: string | null): action is string =>
  action !== null && ACTIONS.has(action);

const typed = (name: string, text: string): unknown => (NUMBERS.has(name) ? Number(text) : text);

/**
 * The input of a JSON call, made of a query's parameters: `AttributeName.1` is an item of a list, and
 * `SendMessageBatchRequestEntry.1.Id` is a field of such an item.
 */
export const inputOf = (parameters: URLSearchParams): Record<string, unknown> => {
  const input: Record<string, unknown> = {};
  for (const [key, text] of parameters) {
    const [name = '', index, field] = key.split('.');
    if (name === 'Action' || name === 'Version') continue;
    const list = LISTS[name];
    if (list === undefined) {
      input[name] = typed(name, text);
      continue;
    }
    input[list] ??= [];
    const items = input[list] as unknown[];
    const at = Number(index) - 1;
    if (field === undefined) items[at] = text;
    else items[at] = { ...(items[at] as object | undefined), [field]: typed(field, text) };
  }
  return input;
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ENTITIES[one]!).replaceAll('\r', '&#xD;');

const elementOf = (name: string, value: unknown, action: string): string => {
  if (Array.isArray(value)) {
    const element = ELEMENTS[name] || `${action}ResultEntry`;
    return value.map((item) => elementOf(element, item, action)).join('');
  }
  if (name === 'Attributes' && typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(
        ([key, text]) =>
          `<Attribute><Name>${escaped(key)}</Name><Value>${escaped(String(text))}</Value></Attribute>`,
      )
      .join('');
  }
  const inner =
    typeof value === 'object' && value !== null
      ? fieldsOf(value as Record<string, unknown>, action)
      : escaped(String(value));
  return `<${name}>${inner}</${name}>`;
};

const fieldsOf = (body: Record<string, unknown>, action: string): string =>
  Object.entries(body)
    .map(([name, value]) => elementOf(name, value, action))
    .join('');

const errorOf = ({ status, body }: JsonAnswer): QueryAnswer => {
  const code = String(body.__type ?? 'InternalError').replace(/^.*#/, '');
  const message = escaped(String(body.message ?? body.Message ?? ''));
  const type = status < 500 ? 'Sender' : 'Receiver';
  return {
    status,
    xml: `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${escaped(code)}</Code><Message>${message}</Message><Detail/></Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
  };
};

/** Answers a request of the query protocol by a call of the JSON protocol. */
export const answerQuery = async (parameters: URLSearchParams, call: JsonCall): Promise<QueryAnswer> => {
  const action = parameters.get('Action') ?? '';
  const answer = await call(action, inputOf(parameters));
  if (answer.status !== 200) return errorOf(answer);
  const result = fieldsOf(answer.body, action);
  const xml = `<?xml version="1.0"?><${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: answer.status, xml };
};
