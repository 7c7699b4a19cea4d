import type { JsonObject, Scorer } from './scorer.ts';
import { parseXgboostModel, type TreeModel } from './xgboost-model.ts';

const LEAF = -1;
/** Whether what is missing goes left is kept in the lowest bit beside the feature. */
const featureAndSide = (feature: number, isMissingLeft: number): number => feature * 2 + isMissingLeft;

/** All trees in one array each, so that a walk stays in few cache lines. */
type Forest = {
  roots: Int32Array;
  features: Int32Array;
  conditions: Float32Array;
  left: Int32Array;
  right: Int32Array;
};

const forestOf = ({ trees }: TreeModel): Forest => {
  const nodes = trees.reduce((sum, { left }) => sum + left.length, 0);
  const forest: Forest = {
    roots: new Int32Array(trees.length),
    features: new Int32Array(nodes),
    conditions: new Float32Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
  };
  let at = 0;
  trees.forEach((tree, t) => {
    forest.roots[t] = at;
    tree.left.forEach((left, node) => {
      const isLeaf = left === LEAF;
      forest.features[at + node] = isLeaf
        ? LEAF
        : featureAndSide(tree.feature[node]!, tree.isMissingLeft[node]!);
      forest.conditions[at + node] = tree.condition[node]!;
      forest.left[at + node] = at + left;
      forest.right[at + node] = at + tree.right[node]!;
    });
    at += tree.left.length;
  });
  return forest;
};

/**
 * A scorer of gradient-boosted trees in XGBoost's JSON form. As in XGBoost, features, conditions, leaves and their sum are
 * float32, and the leaves are added in the order of the trees. Throws ModelError.
 */
export const treeScorer = (json: JsonObject): Scorer => {
  const model = parseXgboostModel(json);
  const { roots, features: splits, conditions, left, right } = forestOf(model);
  const { objective } = model;
  const base = Math.fround(objective.toMargin(model.baseScore));
  const row = new Float32Array(model.features);
  return {
    size: model.features,
    names: model.names,
    score: (features) => {
      for (let i = 0; i < row.length; i++) row[i] = features[i] ?? Number.NaN;
      let sum = base;
      for (let t = 0; t < roots.length; t++) {
        let node = roots[t]!;
        for (let split = splits[node]!; split !== LEAF; split = splits[node]!) {
          const value = row[split >> 1]!;
          // Comparisons with NaN are false, so what is missing passes neither of the first two.
          if (value < conditions[node]!) node = left[node]!;
          else if (value >= conditions[node]!) node = right[node]!;
          else node = (split & 1) === 1 ? left[node]! : right[node]!;
        }
        sum = Math.fround(sum + conditions[node]!);
      }
      return objective.toPrediction(sum);
    },
  };
};
