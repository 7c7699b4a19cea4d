/** The message in which an event that opens or switches a campaign came, as its queue delivered it. */
export type Received = {
  messageId: string;
  body: string;
  attributes: { SentTimestamp: string; ApproximateReceiveCount: string };
};
