import { InputError } from '#local/console/input-error.ts';

/**
 * Reads the outputs of a stack in AWS, with the SDK's own configuration: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the like.
 * Throws an InputError if there is no such stack, and the SDK's error if the call fails for another reason.
 */
export const stackOutputs = async (stack: string): Promise<Record<string, string>> => {
  // Loaded only when a stack is asked for: a run on this machine does not need this package.
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient();
  try {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = found?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
  } catch (cause) {
    const { name, message } = cause as Error;
    if (name === 'ValidationError') throw new InputError(`--stack ${stack}: ${message}`, { cause });
    throw cause;
  } finally {
    client.destroy();
  }
};
