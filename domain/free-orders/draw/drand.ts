/** Rounds over HTTP from the drand network's public relays. */
import * as z from 'zod/mini';
import type { Runtime } from '#platform/runtime.ts';
import { type Beacon, type Round, verifyRoundOnce } from './beacon.ts';
import type { Chain } from './chains.ts';

/** Run by different operators. A relay is not trusted: the signature is verified. */
export const DRAND_RELAYS: readonly string[] = [
  'https://api.drand.sh',
  'https://api2.drand.sh',
  'https://api3.drand.sh',
  'https://drand.cloudflare.com',
];

/** How long a relay may take to answer before the next one is asked. */
const RELAY_TIMEOUT_MS = 3_000;

const answer = z.object({ round: z.int(), randomness: z.string(), signature: z.string() });

const ask = async (
  relay: string,
  chain: Chain,
  number: number,
  get: typeof fetch,
): Promise<Round | undefined> => {
  try {
    const response = await get(`${relay}/${chain.hash}/public/${number}`, {
      signal: AbortSignal.timeout(RELAY_TIMEOUT_MS),
    });
    return response.ok ? z.parse(answer, await response.json()) : undefined;
  } catch {
    // A relay that is down, slow or sends invalid data does no harm as long as another one answers.
    return undefined;
  }
};

/** Gets each round of a chain from the first relay that has it with a valid signature; undefined while no relay has it. */
export const drandBeacon = (
  chain: Chain,
  relays: readonly string[],
  { fetch: get, results }: Pick<Runtime, 'fetch' | 'results'>,
): Beacon => {
  return {
    async round(number) {
      for (const relay of relays) {
        const round = await ask(relay, chain, number, get);
        if (round?.round === number && verifyRoundOnce(chain, round, results)) return round;
      }
      return undefined;
    },
  };
};
