/** Writes of single items, alone or as a part of a batch or a transaction. */
import type {
  AttributeValue,
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  PutItemCommandInput,
  ReturnValue,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { conditionFailed, throttled, transactionConflict, validationError } from './exceptions.ts';
import { type BoundCondition, type Expressions, holds } from './expressions/cache.ts';
import { type Path, valueAt } from './expressions/paths.ts';
import { type BoundUpdate, updatedItem } from './expressions/update-application.ts';
import { itemBytes } from './sizes.ts';
import { type CallUnits, consumedCapacity, type Store, totalUnits } from './store.ts';
import type { StoredItem } from './stored-item.ts';
import type { Table } from './table.ts';
import { givenKey, type Key, keyOfItem } from './table-keys.ts';
import { handOut, handOutItem, type Item, takeInItem } from './values.ts';

export const ITEM_BYTES_MAX = 400 * 1024;
const WRITE_UNIT_BYTES = 1024;
/** Items that expired more than five years ago are kept, as in DynamoDB. */
const EXPIRY_AGE_MS_MAX = 5 * 365 * 24 * 3_600_000;

/** A write of one item, checked as far as that is possible without the stored item. */
export type Write = {
  readonly table: Table;
  readonly key: Key;
  readonly condition: BoundCondition | undefined;
  /** Makes the new item from the old one; undefined if the item is only checked. */
  readonly change: ((before: Item | undefined) => Item | undefined) | undefined;
  readonly update: BoundUpdate | undefined;
  /** Whether a refusal shows the item. */
  readonly showsRefusedItem: boolean;
};

/** The effect of a write: the item before and after it, and its units, which a refused write costs too. */
export type Effect = {
  readonly write: Write;
  readonly isRefused: boolean;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly bytesAfter: number;
  readonly units: CallUnits;
};

export type WriteInput = Expressions & {
  readonly TableName?: string | undefined;
  readonly Key?: Item | undefined;
  readonly Item?: Item | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
};

const checkSize = (item: Item, complaint: string): void => {
  if (itemBytes(item) > ITEM_BYTES_MAX) throw validationError(complaint);
};

const checkIndexKeys = (table: Table, item: Item): void => {
  for (const index of table.indexes.values()) index.check(item);
};

/** Throws a ValidationException for an update of an attribute that is part of the key. */
export const checkKeyUnchanged = ({ schema: { partition, sort } }: Table, { actions }: BoundUpdate): void => {
  for (const {
    path: [name],
  } of actions) {
    if (name === partition.name || name === sort?.name) {
      throw validationError(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
    }
  }
};

/**
 * The change that an update makes to an item. The update must have passed {@link checkKeyUnchanged}. The change throws a
 * ValidationException if its result is too large, or has an invalid key in an index.
 */
export const changeByUpdate =
  (table: Table, key: Key, update: BoundUpdate | undefined) =>
  (before: Item | undefined): Item => {
    const after =
      update === undefined ? (before ?? key.attributes) : updatedItem(update, before ?? key.attributes);
    checkSize(after, 'Item size to update has exceeded the maximum allowed size');
    checkIndexKeys(table, after);
    return after;
  };

/**
 * Checks what a write asks for. Throws a ValidationException for what DynamoDB refuses whatever is stored.
 */
export const prepareWrite = (
  store: Store,
  kind: 'put' | 'update' | 'delete' | 'check',
  input: WriteInput,
): Write => {
  const table = store.table(input.TableName);
  const { condition, update } = store.expressions.bind(input);
  const showsRefusedItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  if (kind === 'put') {
    if (input.Item === undefined)
      throw validationError("Value null at 'item' failed to satisfy constraint: Member must not be null");
    const item = takeInItem(input.Item);
    const key = keyOfItem(table.schema, item);
    checkSize(item, 'Item size has exceeded the maximum allowed size');
    checkIndexKeys(table, item);
    return { table, key, condition, change: () => item, update: undefined, showsRefusedItem };
  }
  const key = givenKey(table.schema, input.Key);
  if (kind === 'delete')
    return { table, key, condition, change: () => undefined, update: undefined, showsRefusedItem };
  if (kind === 'check')
    return { table, key, condition, change: undefined, update: undefined, showsRefusedItem };
  if (update !== undefined) checkKeyUnchanged(table, update);
  return { table, key, condition, change: changeByUpdate(table, key, update), update, showsRefusedItem };
};

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** The effect that a write would have now; nothing is written. `factor` is 2 within a transaction. */
export const effectOf = (write: Write, factor: 1 | 2): Effect => {
  const { table, key, condition, change } = write;
  const stored = table.find(key)?.current;
  const before = stored?.item;
  const bytesBefore = stored?.bytes ?? 0;
  if (!holds(condition, before)) {
    const units = { table: factor * writeUnits(bytesBefore), indexes: new Map() };
    return { write, isRefused: true, before, after: before, bytesAfter: bytesBefore, units };
  }
  const after = change === undefined ? before : change(before);
  const bytesAfter = after === undefined ? 0 : after === before ? bytesBefore : itemBytes(after);
  const units: CallUnits = {
    table: factor * writeUnits(Math.max(bytesBefore, bytesAfter)),
    indexes: new Map(),
  };
  for (const index of table.indexes.values()) {
    const indexUnits = index.writeUnits(before, after);
    if (indexUnits > 0) units.indexes.set(index.name, factor * indexUnits);
  }
  return { write, isRefused: false, before, after, bytesAfter, units };
};

/** Schedules the deletion of an item some time after its expiry. */
const scheduleExpiry = (store: Store, table: Table, stored: StoredItem, item: Item): void => {
  const seconds = Number(item[table.expiryAttribute!]?.N ?? Number.NaN);
  const nowMs = store.clock.nowMs();
  const expiresMs = seconds * 1_000;
  if (!(expiresMs > nowMs - EXPIRY_AGE_MS_MAX)) return;
  const delayMs = store.random() * store.limits.expiryDelayMsMax;
  store.expire(table, stored, Math.max(nowMs, expiresMs) + delayMs);
};

/** Applies an effect. */
export const apply = (store: Store, { write, after, before, bytesAfter, isRefused }: Effect): void => {
  if (isRefused || write.change === undefined) return;
  if (before === undefined && after === undefined) return;
  const { table, key } = write;
  const stored = table.write(key, after, bytesAfter, store.clock.nowMs());
  if (stored !== undefined && after !== undefined && table.expiryAttribute !== undefined)
    scheduleExpiry(store, table, stored, after);
};

/** Pays for a write, whether or not it is refused. */
export const payFor = (store: Store, { write: { table, key }, units }: Effect): void =>
  store.pay('write', table, key.partition, totalUnits(units));

/** Carries out a single write. Throws what DynamoDB throws: a conflict, a throttle, a failed condition. */
export const writeAlone = (store: Store, write: Write): Effect => {
  if (store.isInFlight(write.table, write.key)) throw transactionConflict();
  if (!store.admits('write', write.table, write.key.partition)) throw throttled();
  const effect = effectOf(write, 1);
  payFor(store, effect);
  if (effect.isRefused) {
    throw conditionFailed(
      write.showsRefusedItem && effect.before !== undefined ? handOutItem(effect.before) : undefined,
    );
  }
  apply(store, effect);
  return effect;
};

/** The parts of an item that an update touched: whole attributes, or the elements its paths name. */
const touched = (item: Item | undefined, { update }: Write): Item | undefined => {
  if (item === undefined || update === undefined) return undefined;
  const parts: Item = {};
  for (const { path } of update.actions) {
    const value = valueAt(item, path);
    if (value !== undefined) nest(parts, path, handOut(value));
  }
  return Object.keys(parts).length === 0 ? undefined : parts;
};

const nest = (parts: Item, [name, ...rest]: Path, value: AttributeValue): void => {
  let wrapped = value;
  for (const part of rest.toReversed())
    wrapped = typeof part === 'number' ? { L: [wrapped] } : { M: { [part]: wrapped } };
  const present = parts[name as string];
  if (present?.M !== undefined && wrapped.M !== undefined) Object.assign(present.M, wrapped.M);
  else if (present?.L !== undefined && wrapped.L !== undefined) present.L.push(...wrapped.L);
  else parts[name as string] = wrapped;
};

/** The part of an item that an answer shows. */
export const returned = (
  wanted: ReturnValue | undefined,
  { write, before, after }: Effect,
): Item | undefined => {
  switch (wanted) {
    case undefined:
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return before && handOutItem(before);
    case 'ALL_NEW':
      return after && handOutItem(after);
    case 'UPDATED_OLD':
      return touched(before, write);
    case 'UPDATED_NEW':
      return touched(after, write);
    default:
      return wanted satisfies never;
  }
};

type SingleWriteInput = PutItemCommandInput | UpdateItemCommandInput | DeleteItemCommandInput;

/** PutItem, UpdateItem and DeleteItem. */
export const singleWrite = (
  store: Store,
  kind: 'put' | 'update' | 'delete',
  input: SingleWriteInput,
): Omit<DeleteItemCommandOutput, '$metadata'> => {
  const { ReturnValues: wanted, ReturnConsumedCapacity: capacity } = input;
  if (kind !== 'update' && wanted !== undefined && wanted !== 'NONE' && wanted !== 'ALL_OLD')
    throw validationError('ReturnValues can only be ALL_OLD or NONE');
  const effect = writeAlone(store, prepareWrite(store, kind, input));
  const attributes = returned(wanted, effect);
  const consumed = consumedCapacity(capacity, effect.write.table.name, effect.units);
  return {
    ...(attributes === undefined ? {} : { Attributes: attributes }),
    ...(consumed === undefined ? {} : { ConsumedCapacity: consumed }),
  };
};
