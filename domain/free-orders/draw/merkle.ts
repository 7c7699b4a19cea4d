/** The Merkle tree hash of RFC 6962, section 2.1, over a stream of leaves. */
import { hash } from 'node:crypto';

/** The length of a SHA-256 digest. */
const DIGEST_BYTES = 32;
const LEAF_PREFIX = '\u0000';
const NODE_PREFIX = 0x01;

/** The root over a number of leaves that is a power of two. */
export type Subtree = { leaves: number; digest: string };

/**
 * Takes the leaves one by one and keeps only the roots of the complete subtrees to the left: memory grows with the
 * logarithm of the number of leaves.
 */
export class MerkleRoot {
  readonly #subtrees: Subtree[];
  readonly #node = Buffer.alloc(1 + 2 * DIGEST_BYTES, NODE_PREFIX);

  /** Continues from a {@link state}, or starts with no leaves. */
  constructor(state: readonly Subtree[] = []) {
    this.#subtrees = [...state];
  }

  /** The subtrees of the leaves so far. Another worker can continue from them. */
  state(): Subtree[] {
    return [...this.#subtrees];
  }

  #join(left: string, right: string): string {
    this.#node.write(left, 1, 'hex');
    this.#node.write(right, 1 + DIGEST_BYTES, 'hex');
    return hash('sha256', this.#node, 'hex');
  }

  /** Appends a leaf: SHA-256(0x00 ‖ text in UTF-8). */
  add(text: string): void {
    let subtree: Subtree = { leaves: 1, digest: hash('sha256', LEAF_PREFIX + text, 'hex') };
    for (let left = this.#subtrees.at(-1); left?.leaves === subtree.leaves; left = this.#subtrees.at(-1)) {
      subtree = { leaves: left.leaves * 2, digest: this.#join(left.digest, subtree.digest) };
      this.#subtrees.pop();
    }
    this.#subtrees.push(subtree);
  }

  /** The root over all leaves so far, as 64 hexadecimal digits; of no leaves, the hash of the empty text. */
  root(): string {
    const last = this.#subtrees.at(-1);
    if (last === undefined) return hash('sha256', '', 'hex');
    return this.#subtrees
      .slice(0, -1)
      .reduceRight((right, { digest }) => this.#join(digest, right), last.digest);
  }
}

/** The root over these leaves, in their order. */
export const merkleRoot = (leaves: Iterable<string>): string => {
  const tree = new MerkleRoot();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
};
