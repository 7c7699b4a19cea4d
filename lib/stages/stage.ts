/**
 * A stage: one stack of its own, in an account that may hold several. A file of this folder describes it. CDK context may replace
 * `senders` and `allowRehearsals`, and none of the other fields.
 */
export type Stage = {
  /** The stack's name in CloudFormation. It never changes: another name is another stack, without the data. */
  readonly stackName: string;
  /** Whether deleting the stack deletes its data: yes in a sandbox, no where a sale runs. */
  readonly disposable: boolean;
  /**
   * Whether the stack and its tables refuse to be deleted. False until the first deployment has succeeded, because a deployment
   * that fails must be able to remove what it has created.
   */
  readonly isProtected: boolean;
  /** Whether a draw may name a recorded round, which everybody knows: yes for trials, no where a sale runs. */
  readonly allowRehearsals: boolean;
  /**
   * The sale that the stage is sized for: orders and refunds a second at its peak, the brands that sell in it, and the members
   * that its presale considers. `npm run capacity` says what follows from them.
   */
  readonly peakOrdersPerSecond: number;
  readonly brands: number;
  readonly members: number;
  /**
   * Who may send events of a source. Keys are beginnings of sources, and values are beginnings of senders' ids (`SenderId`,
   * such as `AROA…:`). Events of a source without an entry may come from everybody who may send to the queue.
   */
  readonly senders: Readonly<Record<string, readonly string[]>>;
  /**
   * Whether tables, queues, buckets, secrets and logs are encrypted with a key of the account, in place of keys that AWS manages.
   * The key costs a dollar a month, and its calls some more. Producers and the readers of grants need permission to use it.
   */
  readonly hasCustomerKey: boolean;
};
