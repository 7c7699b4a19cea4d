import { type CampaignSettings, formatTime } from '#events/contract.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import type { Pipeline } from '#local/aws/pipeline.ts';

/**
 * What the invitation needs to know of a pipeline. The invitation is the text that says how to send events to
 * the pipeline.
 */
export type Invited = Pick<Pipeline, 'output' | 'sqsEndpoint' | 'dynamodbEndpoint'>;

const TRIAL_AMOUNT_FEN = 19_900;

/**
 * A time that a campaign counts: now while it is on, and its first instant once it is over. Before the
 * campaign begins, no time counts yet, and the result is now as well.
 */
const timeWithin = (settings: CampaignSettings | undefined, nowMs: number): number =>
  settings === undefined || (settings.startsAtMs <= nowMs && nowMs < settings.endsAtMs)
    ? nowMs
    : Math.min(nowMs, settings.startsAtMs);

/**
 * An order that the campaign counts, as JSON without single quotes: a single quote would end the quoted text in
 * a shell command.
 */
export const trialOrder = (settings: CampaignSettings | undefined, nowMs: number): string =>
  JSON.stringify({
    specversion: '1.0',
    type: 'order.paid',
    id: `trial-${nowMs}`,
    source: '/trial',
    time: formatTime(timeWithin(settings, nowMs)),
    data: {
      orderId: `trial-${nowMs}`,
      memberId: 'trial-member',
      brandId: 'trial-brand',
      amountFen: TRIAL_AMOUNT_FEN,
      channel: 'far',
    },
  });

/** What stands before a command of a client: clients need keys, although no local service checks them. */
const KEYS = `AWS_ACCESS_KEY_ID=${DUMMY_CREDENTIALS.accessKeyId} AWS_SECRET_ACCESS_KEY=${DUMMY_CREDENTIALS.secretAccessKey}`;

/** A command of the AWS CLI, in versions 1 and 2, that sends a body. */
export const cliCommand = ({ sqsEndpoint, output }: Invited, body: string): string =>
  `${KEYS} aws sqs send-message --region ${LOCAL_REGION} --endpoint-url ${sqsEndpoint} --queue-url ${output('EventsQueueUrl')} --message-body '${body}'`;

/** A command that sends a body with the AWS SDK. It must be run where this project's packages are. */
export const sdkCommand = ({ sqsEndpoint, output }: Invited, body: string): string =>
  [
    `${KEYS} node --input-type=module -e '`,
    'import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";',
    `const client = new SQSClient({ region: "${LOCAL_REGION}", endpoint: "${sqsEndpoint}" });`,
    `const QueueUrl = "${output('EventsQueueUrl')}";`,
    `const MessageBody = JSON.stringify(${body});`,
    'console.log((await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))).MessageId);',
    "'",
  ].join('\n');

/**
 * What to do with a pipeline that stays up. Both commands send the same order, which the campaign counts once.
 *
 * @param nowMs What the pipeline's own clock shows, in ms since 1970: an order that is later than that is refused.
 */
export const invitation = (
  pipeline: Invited,
  boardUrl: string,
  settings: CampaignSettings | undefined,
  nowMs: number,
): string => {
  const body = trialOrder(settings, nowMs);
  return `The pipeline is up and waits for events; Ctrl-C stops it.

  live screen        ${boardUrl}
  SQS endpoint       ${pipeline.sqsEndpoint}
  events queue       ${pipeline.output('EventsQueueUrl')}
  control queue      ${pipeline.output('ControlQueueUrl')}
  rejects queue      ${pipeline.output('RejectsQueueUrl')}
  DynamoDB endpoint  ${pipeline.dynamodbEndpoint}
  region, keys       ${LOCAL_REGION}, any

An order with the AWS CLI:

${cliCommand(pipeline, body)}

The same order with the AWS SDK (it counts only once, because it is the same event):

${sdkCommand(pipeline, body)}
`;
};
