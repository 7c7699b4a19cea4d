import type { JsonObject, Scorer } from './scorer.ts';
import { parseXgboostModel, type Tree, type TreeModel } from './xgboost-model.ts';

/**
 * Scores rows by gradient-boosted trees. A walk down a tree has no branch that a processor could mispredict. A condition is
 * stored as its index among the distinct conditions of its feature, and a row's value as the number of conditions that it is
 * not below. Comparing these numbers gives the same result and needs only a subtraction. The right child is stored right after
 * the left one. A leaf is its own left child and its comparison always goes left, so all trees can be walked to the same depth,
 * four at a time.
 */

const LEAF = -1;
/** The numbers of a node: the row's slot to compare, the index of the condition, the left child, and one unused. */
const NODE_NUMBERS = 4;
const TREES_AT_ONCE = 4;
/** Values in a row that always go left, and always go right. */
const ALWAYS_LEFT = -1;
const ALWAYS_RIGHT = 2 ** 30;

type Forest = {
  nodes: Int32Array;
  values: Float32Array;
  /** Each tree's root, as an index into `nodes`. The first tree fills up the last walk; its values there are ignored. */
  roots: Int32Array;
  /** The depth of each walk: that of its deepest tree. */
  depths: Int32Array;
  /** The distinct conditions of each feature, in order. */
  conditions: Float32Array[];
};

/** The number of sorted conditions that a value is not below. */
const placeOf = (sorted: Float32Array, value: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < sorted[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
};

const conditionsOf = ({ trees, features }: TreeModel): Float32Array[] => {
  const sets = Array.from({ length: features }, () => new Set<number>());
  for (const { left, feature, condition } of trees) {
    left.forEach((child, node) => {
      if (child !== LEAF) sets[feature[node]!]!.add(condition[node]!);
    });
  }
  return sets.map((set) => Float32Array.from(set).sort());
};

/** A feature has two slots in a row. If the feature is missing, one of them always goes left and the other always goes right. */
const slotOf = (feature: number, isMissingLeft: number): number => 2 * feature + (1 - isMissingLeft);

/** Writes a tree's nodes breadth first, beginning with node `at` of the forest, and returns the tree's depth. */
const writeTree = (tree: Tree, forest: Forest, at: number, leafSlot: number): number => {
  const queue: { node: number; depth: number }[] = [{ node: 0, depth: 0 }];
  let depthMax = 0;
  for (let place = 0; place < queue.length; place++) {
    const { node, depth } = queue[place]!;
    depthMax = Math.max(depthMax, depth);
    const base = (at + place) * NODE_NUMBERS;
    forest.values[at + place] = tree.condition[node]!;
    if (tree.left[node] === LEAF) {
      forest.nodes[base] = leafSlot;
      forest.nodes[base + 2] = base;
      continue;
    }
    const feature = tree.feature[node]!;
    forest.nodes[base] = slotOf(feature, tree.isMissingLeft[node]!);
    forest.nodes[base + 1] = placeOf(forest.conditions[feature]!, tree.condition[node]!) - 1;
    forest.nodes[base + 2] = (at + queue.length) * NODE_NUMBERS;
    queue.push({ node: tree.left[node]!, depth: depth + 1 }, { node: tree.right[node]!, depth: depth + 1 });
  }
  return depthMax;
};

const forestOf = (model: TreeModel): Forest => {
  const { trees, features } = model;
  const nodes = trees.reduce((sum, { left }) => sum + left.length, 0);
  const walks = Math.ceil(trees.length / TREES_AT_ONCE);
  const forest: Forest = {
    nodes: new Int32Array(nodes * NODE_NUMBERS),
    values: new Float32Array(nodes),
    roots: new Int32Array(walks * TREES_AT_ONCE),
    depths: new Int32Array(walks),
    conditions: conditionsOf(model),
  };
  let at = 0;
  trees.forEach((tree, t) => {
    forest.roots[t] = at * NODE_NUMBERS;
    const depth = writeTree(tree, forest, at, 2 * features);
    const walk = Math.floor(t / TREES_AT_ONCE);
    forest.depths[walk] = Math.max(forest.depths[walk]!, depth);
    at += tree.left.length;
  });
  return forest;
};

/** Walks four trees side by side, and puts the values of their leaves into `into`. */
const walk = (forest: Forest, row: Int32Array, number: number, into: Float32Array): void => {
  const { nodes, values, roots, depths } = forest;
  const first = number * TREES_AT_ONCE;
  let a = roots[first]!;
  let b = roots[first + 1]!;
  let c = roots[first + 2]!;
  let d = roots[first + 3]!;
  for (let depth = depths[number]!; depth > 0; depth--) {
    // If the value is at or above the condition, condition − value is negative: its sign bit is the step to
    // the right.
    a = nodes[a + 2]! + (((nodes[a + 1]! - row[nodes[a]!]!) >>> 31) << 2);
    b = nodes[b + 2]! + (((nodes[b + 1]! - row[nodes[b]!]!) >>> 31) << 2);
    c = nodes[c + 2]! + (((nodes[c + 1]! - row[nodes[c]!]!) >>> 31) << 2);
    d = nodes[d + 2]! + (((nodes[d + 1]! - row[nodes[d]!]!) >>> 31) << 2);
  }
  into[first] = values[a >> 2]!;
  into[first + 1] = values[b >> 2]!;
  into[first + 2] = values[c >> 2]!;
  into[first + 3] = values[d >> 2]!;
};

/**
 * A scorer of gradient-boosted trees in XGBoost's JSON form. As in XGBoost, features, conditions, leaves and their sum are
 * float32, and the leaves are added in the order of the trees. Throws ModelError.
 */
export const treeScorer = (json: JsonObject): Scorer => {
  const model = parseXgboostModel(json);
  const { objective, features: size, trees } = model;
  const forest = forestOf(model);
  const base = Math.fround(objective.toMargin(model.baseScore));
  const row = new Int32Array(2 * size + 1);
  row[2 * size] = ALWAYS_LEFT;
  const leaves = new Float32Array(forest.roots.length);
  return {
    size,
    names: model.names,
    score: (features) => {
      for (let i = 0; i < size; i++) {
        const value = Math.fround(features[i] ?? Number.NaN);
        const isMissing = Number.isNaN(value);
        const place = isMissing ? 0 : placeOf(forest.conditions[i]!, value);
        row[2 * i] = isMissing ? ALWAYS_LEFT : place;
        row[2 * i + 1] = isMissing ? ALWAYS_RIGHT : place;
      }
      for (let number = 0; number < forest.depths.length; number++) walk(forest, row, number, leaves);
      let sum = base;
      for (let t = 0; t < trees.length; t++) sum = Math.fround(sum + leaves[t]!);
      return objective.toPrediction(sum);
    },
  };
};
