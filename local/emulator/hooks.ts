/** An operation that was sent, such as "PutItem" or "SendMessage", with its input. */
export type Operation = { readonly name: string; readonly input: object };

/**
 * What is called around each operation of an emulated client. All of these functions may be asynchronous.
 *
 * - If `before` throws, the operation does not happen.
 * - `during` comes between the start and the end of a TransactWriteItems, whose items are in flight meanwhile. If it throws, the
 *   operation does not happen.
 * - If `after` throws, the operation has happened, and its answer is lost.
 *
 * If the operation itself fails, `before` has been called, and `after` is not called.
 */
export type Hooks = {
  before?(operation: Operation): Promise<void>;
  during?(operation: Operation): Promise<void>;
  after?(operation: Operation, answer: object): Promise<void>;
};

/** Any of the SDK's commands. */
export type SentCommand = { readonly input: object };

/** Operations by the names of their commands. */
const OPERATIONS = new Map<string, string>();

const operationNamed = (command: string): string => {
  let name = OPERATIONS.get(command);
  if (name === undefined) {
    name = command.replace(/Command\d*$/, '');
    OPERATIONS.set(command, name);
  }
  return name;
};

export const operationOf = (command: SentCommand): Operation => ({
  name: operationNamed(command.constructor.name),
  input: command.input,
});

export const ANSWER_METADATA = { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 };
