/** The settings of an emulated queue, from the attributes that CreateQueue takes. */
import { invalidParameter } from './queue-exceptions.ts';

const SECOND_MS = 1_000;

/** How a queue behaves; times in ms. */
export type QueueSettings = {
  readonly visibilityMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  /** Where messages go after being received too often; undefined if they stay. */
  readonly redrive: RedrivePolicy | undefined;
};

export type RedrivePolicy = { readonly deadLetterQueue: string; readonly maxReceives: number };

/**
 * Converts a number of seconds to ms; `otherwise`, in seconds too, is taken if no number is given. Throws an
 * InvalidParameterValue if the number is not whole or is outside the service's bounds.
 */
export const secondsInMs = (
  name: string,
  given: string | number | undefined,
  { otherwise, min = 0, max }: { otherwise: number; min?: number; max: number },
): number => {
  if (given === undefined) return otherwise * SECOND_MS;
  const seconds = Number(given);
  if (!Number.isInteger(seconds) || seconds < min || seconds > max) {
    throw invalidParameter(
      `Value ${given} for parameter ${name} is invalid. Reason: Must be an integer from ${min} to ${max}.`,
    );
  }
  return seconds * SECOND_MS;
};

export const VISIBILITY_SECONDS = { otherwise: 30, max: 43_200 };
export const DELAY_SECONDS = { otherwise: 0, max: 900 };
const RETENTION_SECONDS = { otherwise: 345_600, min: 60, max: 1_209_600 };
const RECEIVES_MAX = 1_000;

const redriveOf = (given: string | undefined): RedrivePolicy | undefined => {
  if (given === undefined || given === '') return undefined;
  const { deadLetterTargetArn: arn = '', maxReceiveCount } = JSON.parse(given) as {
    deadLetterTargetArn?: string;
    maxReceiveCount?: string | number;
  };
  const maxReceives = Number(maxReceiveCount);
  if (!Number.isInteger(maxReceives) || maxReceives < 1 || maxReceives > RECEIVES_MAX)
    throw invalidParameter(
      `Value ${given} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount.`,
    );
  return { deadLetterQueue: arn.slice(arn.lastIndexOf(':') + 1), maxReceives };
};

/** The settings that a queue's attributes give. Throws an InvalidParameterValue for what the service refuses. */
export const settingsOf = (attributes: Readonly<Record<string, string>>): QueueSettings => ({
  visibilityMs: secondsInMs('VisibilityTimeout', attributes.VisibilityTimeout, VISIBILITY_SECONDS),
  delayMs: secondsInMs('DelaySeconds', attributes.DelaySeconds, DELAY_SECONDS),
  retentionMs: secondsInMs('MessageRetentionPeriod', attributes.MessageRetentionPeriod, RETENTION_SECONDS),
  redrive: redriveOf(attributes.RedrivePolicy),
});
