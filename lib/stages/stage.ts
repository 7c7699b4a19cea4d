/** A stage: one stack of its own, in an account that may hold several. What a stage is stays in its file and in no flag. */
export type Stage = {
  /** Of CloudFormation. It never changes: another name is another stack, without the data. */
  readonly stackName: string;
  /** Whether deleting the stack deletes its data: yes in a sandbox, no where a sale runs. */
  readonly disposable: boolean;
  /**
   * Whether the stack and its tables refuse to be deleted. False until the first deployment has succeeded: one that fails must be able
   * to take back what it made.
   */
  readonly isProtected: boolean;
  /** Whether a draw may name a recorded round, which everybody knows: yes for trials, no where a sale runs. */
  readonly allowRehearsals: boolean;
  /**
   * By the beginning of an event's source, how the ids of those begin who may send it (`SenderId`, such as `AROA…:`); a source that
   * no entry speaks of may come from all who may send to the queue.
   */
  readonly senders: Readonly<Record<string, readonly string[]>>;
};
