/**
 * The extension attribute in which a replay gives an event's place in its file. In a replay that place counts as the time of
 * sending, even if the file is sent in a random order. It is read only if the stack is set up for replays, so that no producer
 * can backdate an event.
 */
export const PLACE_ATTRIBUTE = 'zhihuiplace';

/** An event without its place, and its place if it has one: an integer from 1. */
export const withoutPlace = (value: unknown): { value: unknown; place?: number } => {
  if (typeof value !== 'object' || value === null || !(PLACE_ATTRIBUTE in value)) return { value };
  const { [PLACE_ATTRIBUTE]: place, ...rest } = value;
  return Number.isSafeInteger(place) && (place as number) >= 1
    ? { value: rest, place: place as number }
    : { value };
};
