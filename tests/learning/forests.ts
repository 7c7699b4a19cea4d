import { seededRandom } from '../support/random.ts';

type Nodes = {
  left_children: number[];
  right_children: number[];
  split_indices: number[];
  split_conditions: number[];
  default_left: number[];
  base_weights: number[];
  split_type: number[];
};

/** A float32 number with as many digits as XGBoost writes, which are enough to read it back. */
const written = (value: number): number => Number(Math.fround(value).toPrecision(9));

/** A random tree as XGBoost writes it: from depth 3 on, a node is a leaf with a probability of 0.2. */
const randomTree = (random: () => number, features: number, depthMax: number) => {
  const nodes: Nodes = {
    left_children: [],
    right_children: [],
    split_indices: [],
    split_conditions: [],
    default_left: [],
    base_weights: [],
    split_type: [],
  };
  const depths: number[] = [];
  const add = (depth: number): number => {
    depths.push(depth);
    nodes.left_children.push(-1);
    nodes.right_children.push(-1);
    nodes.split_indices.push(0);
    nodes.split_conditions.push(written((random() - 0.5) * 0.2));
    nodes.default_left.push(0);
    nodes.base_weights.push(written(random() - 0.5));
    nodes.split_type.push(0);
    return depths.length - 1;
  };
  add(0);
  for (let node = 0; node < depths.length; node++) {
    const depth = depths[node]!;
    if (depth === depthMax || (depth > 2 && random() < 0.2)) continue;
    nodes.split_indices[node] = Math.floor(features * random());
    nodes.split_conditions[node] = written(random() * 2 - 1);
    nodes.default_left[node] = random() < 0.5 ? 1 : 0;
    nodes.left_children[node] = add(depth + 1);
    nodes.right_children[node] = add(depth + 1);
  }
  return {
    ...nodes,
    categories: [],
    categories_nodes: [],
    tree_param: { num_nodes: String(depths.length), num_feature: String(features), size_leaf_vector: '1' },
  };
};

export type Forest = {
  trees: number;
  features: number;
  depth: number;
  objective: string;
  baseScore: unknown;
};

/** A random model in XGBoost's JSON form. */
export const randomForest = (seed: number, { trees, features, depth, objective, baseScore }: Forest) => {
  const random = seededRandom(seed);
  return {
    version: [3, 1, 0],
    learner: {
      feature_names: [] as string[],
      learner_model_param: {
        base_score: baseScore,
        num_class: '0',
        num_feature: String(features),
        num_target: '1',
      },
      objective: { name: objective },
      gradient_booster: {
        name: 'gbtree',
        model: {
          gbtree_model_param: { num_trees: String(trees), num_parallel_tree: '1' },
          tree_info: Array.from({ length: trees }, () => 0),
          trees: Array.from({ length: trees }, () => randomTree(random, features, depth)),
        },
      },
    },
  };
};

export type ForestJson = ReturnType<typeof randomForest>;

/**
 * The float32 sum of `margin` and of the leaf that `features` reach in each tree. It follows the JSON's nodes by recursion and
 * shares no code with the scorer.
 */
export const evaluateMargin = (model: ForestJson, margin: number, features: readonly number[]): number => {
  const row = Float32Array.from(features);
  const sum = Float32Array.of(margin);
  for (const tree of model.learner.gradient_booster.model.trees) {
    const conditions = Float32Array.from(tree.split_conditions);
    const leafOf = (node: number): number => {
      const left = tree.left_children[node]!;
      const right = tree.right_children[node]!;
      if (left === -1) return conditions[node]!;
      const value = row[tree.split_indices[node]!]!;
      const goesLeft = Number.isNaN(value) ? tree.default_left[node] === 1 : value < conditions[node]!;
      return leafOf(goesLeft ? left : right);
    };
    sum[0]! += leafOf(0);
  }
  return sum[0]!;
};
