import { lambdaRules, type RulesOptions } from '#local/console/lambda-rules.ts';
import { logShower } from '#local/console/show-logs.ts';
import { type Pipeline, startPipeline } from '../aws/pipeline.ts';
import type { PipelineOptions } from '../aws/pipeline-options.ts';
import { optional } from './options.ts';

/** The options of a command that set up its pipeline. */
export type CommandOptions = RulesOptions & {
  readonly sqsPort: number;
  readonly dynamodbPort: number;
  readonly logFile?: string;
};

/** A message of the pipeline, with the command's options in place of the pipeline's own names for them. */
const inOptions = (message: string): string =>
  message.replace(/^sqsPort:/, '--port:').replace(/^dynamodbPort:/, '--dynamodb-port:');

/**
 * Starts a command's pipeline. `note` is given the first warnings and errors of its functions. If the pipeline cannot start, the
 * error names the command's options.
 */
export const startByOptions = async (
  options: CommandOptions,
  note: (text: string) => void,
  more: PipelineOptions,
): Promise<Pipeline> => {
  const { sqsPort, dynamodbPort, logFile } = options;
  try {
    return await startPipeline({
      sqsPort,
      dynamodbPort,
      ...lambdaRules(options),
      onLog: logShower(note),
      ...optional('logFile', logFile),
      ...more,
    });
  } catch (cause) {
    throw cause instanceof Error ? new Error(inOptions(cause.message), { cause }) : cause;
  }
};
