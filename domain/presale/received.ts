/** What an event that opens or switches a campaign came in, as its queue tells of it. */
export type Received = {
  messageId: string;
  body: string;
  attributes: { SentTimestamp: string; ApproximateReceiveCount: string };
};
