/** The entries of a batch call of SQS, such as SendMessageBatch. */
import { type BatchResultErrorEntry, SQSServiceException } from '@aws-sdk/client-sqs';
import { emptyBatch, entryIdsNotDistinct, invalidEntryId, tooManyEntries } from './queue-exceptions.ts';

const ENTRIES_MAX = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

type Entry = { readonly Id?: string | undefined };
type Results<Done> = { Successful: (Done & { Id: string })[]; Failed: BatchResultErrorEntry[] };

/** Throws the service's exception if the service refuses the batch as a whole. */
const checkEntries = (entries: readonly Entry[]): void => {
  if (entries.length === 0) throw emptyBatch();
  if (entries.length > ENTRIES_MAX) throw tooManyEntries(entries.length);
  const ids = new Set<string>();
  for (const { Id: id = '' } of entries) {
    if (!ENTRY_ID.test(id)) throw invalidEntryId();
    if (ids.has(id)) throw entryIdsNotDistinct(id);
    ids.add(id);
  }
};

/** Carries out each entry of a batch separately. Entries that the service refuses are the batch's failures. */
export const inBatch = <Given extends Entry, Done extends object>(
  entries: readonly Given[] | undefined,
  perform: (entry: Given) => Done,
): Results<Done> => {
  checkEntries(entries ?? []);
  const results: Results<Done> = { Successful: [], Failed: [] };
  for (const entry of entries ?? []) {
    const Id = entry.Id!;
    try {
      results.Successful.push({ Id, ...perform(entry) });
    } catch (error) {
      if (!(error instanceof SQSServiceException)) throw error;
      results.Failed.push({ Id, SenderFault: true, Code: error.name, Message: error.message });
    }
  }
  return results;
};
