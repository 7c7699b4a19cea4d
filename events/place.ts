/**
 * The extension attribute by which a replay says at which place of its file an event is: there that counts as the time of sending, also
 * where the file is shuffled. It is read only where the stack is set up for replays, so that no producer can date an event back.
 */
export const PLACE_ATTRIBUTE = 'zhihuiplace';

/** An event without its place, and its place where it says one: an integer from 1. */
export const withoutPlace = (value: unknown): { value: unknown; place?: number } => {
  if (typeof value !== 'object' || value === null || !(PLACE_ATTRIBUTE in value)) return { value };
  const { [PLACE_ATTRIBUTE]: place, ...rest } = value;
  return Number.isSafeInteger(place) && (place as number) >= 1
    ? { value: rest, place: place as number }
    : { value };
};
