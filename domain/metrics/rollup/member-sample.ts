import { MEMBER_HASH_RANGE } from '#domain/metrics/member-hash.ts';
import { addSums, MEMBER_SUMS, type SampledMember } from './row-columns.ts';

/** The most members that a sample holds. At this size, it estimates second moments to within about a tenth. */
export const MAX_SAMPLED_MEMBERS = 1024;

/**
 * A uniform sample of members, with everything that each of them ordered: the members with the smallest hashes. It is the
 * bottom-k sketch (E. Cohen, H. Kaplan, "Summarizing data using bottom-k sketches", PODC 2007). Of a member that is in a merged
 * sample, no part has left anything out, so merging in any order gives the sample of the union.
 */
export class MemberSample {
  readonly #members = new Map<number, SampledMember>();
  /** Hashes from this one on are left out. It is the smallest hash that did not fit, or the end of the range. */
  #bound = MEMBER_HASH_RANGE;

  /** Adds what an event of a member changes. */
  add(hash: number, change: Readonly<SampledMember>): void {
    if (hash >= this.#bound) return;
    const known = this.#members.get(hash);
    if (known === undefined) {
      this.#members.set(hash, { ...change });
      // Sorting for every surplus member would be slow, so surplus members are collected first.
      if (this.#members.size > 2 * MAX_SAMPLED_MEMBERS) this.#shrink();
    } else {
      addSums(MEMBER_SUMS, known, change);
    }
  }

  merge(other: MemberSample): void {
    this.lowerBound(other.bound);
    for (const [hash, member] of other.entries()) this.add(hash, member);
  }

  /** Removes every hash from `bound` on. */
  lowerBound(bound: number): void {
    if (bound >= this.#bound) return;
    this.#bound = bound;
    for (const hash of [...this.#members.keys()]) if (hash >= bound) this.#members.delete(hash);
  }

  #shrink(): void {
    if (this.#members.size <= MAX_SAMPLED_MEMBERS) return;
    const hashes = [...this.#members.keys()].sort((a, b) => a - b);
    this.lowerBound(hashes[MAX_SAMPLED_MEMBERS]!);
  }

  get bound(): number {
    this.#shrink();
    return this.#bound;
  }

  /** The expected share of members who are in the sample; 1 while nobody is left out. */
  get share(): number {
    return this.bound / MEMBER_HASH_RANGE;
  }

  /** The sample in ascending order of the hashes: two equal samples give equal lists. */
  entries(): [hash: number, member: SampledMember][] {
    this.#shrink();
    return [...this.#members].sort(([a], [b]) => a - b);
  }

  members(): SampledMember[] {
    return this.entries().map(([, member]) => member);
  }
}
