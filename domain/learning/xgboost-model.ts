/** Reads and checks a model that XGBoost has saved as JSON. */
import { OBJECTIVES, type Objective } from './objectives.ts';
import { arrayAt, type JsonObject, numberAt, objectAt, refuse } from './scorer.ts';

/** A tree. A node has the same index in all arrays; the root is node 0. */
export type Tree = {
  /** -1 at a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  /** A smaller value goes left. At a leaf, this is the leaf's value. */
  readonly condition: Float32Array;
  readonly isMissingLeft: Uint8Array;
};

export type TreeModel = {
  readonly trees: readonly Tree[];
  readonly features: number;
  readonly names: readonly string[] | undefined;
  readonly baseScore: number;
  readonly objective: Objective;
};

const MODEL = 'learner.gradient_booster.model';
const PARAMETERS = 'learner.learner_model_param';

/** XGBoost writes the numbers of its parameters as texts. */
const wholeAt = (value: unknown, path: string): number => {
  const whole = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof whole === 'number' && Number.isSafeInteger(whole) && whole >= 0
    ? whole
    : refuse(path, 'a whole number', value);
};

/** The base score is `"5E-1"` until XGBoost 3.0 and `"[5E-1]"` since 3.1. */
const baseScoreAt = (value: unknown, objective: Objective): number => {
  const path = `${PARAMETERS}.base_score`;
  let parsed = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch {
      refuse(path, 'a number or an array of one', value);
    }
  }
  if (Array.isArray(parsed)) {
    if (parsed.length !== 1) refuse(path, 'one number (models of several outputs are not supported)', value);
    [parsed] = parsed;
  }
  const score = typeof parsed === 'number' ? parsed : refuse(path, 'a number or an array of one', value);
  if (!objective.holds(score)) refuse(path, objective.baseScores, value);
  return score;
};

type Numbers = readonly number[];

const numbersAt = (tree: JsonObject, key: string, path: string, nodes: number): Numbers => {
  const values = arrayAt(tree[key], `${path}.${key}`);
  if (values.length !== nodes)
    refuse(`${path}.${key}`, `${nodes} items, as many as left_children`, values.length);
  return values.map((value, i) => numberAt(value, `${path}.${key}[${i}]`));
};

/** Older versions write flags as booleans, newer ones as 0 and 1. */
const flagsAt = (tree: JsonObject, key: string, path: string, nodes: number): Numbers => {
  const values = arrayAt(tree[key], `${path}.${key}`);
  if (values.length !== nodes)
    refuse(`${path}.${key}`, `${nodes} items, as many as left_children`, values.length);
  return values.map((value, i) =>
    value === true || value === 1
      ? 1
      : value === false || value === 0
        ? 0
        : refuse(`${path}.${key}[${i}]`, '0 or 1', value),
  );
};

const refuseCategories = (tree: JsonObject, path: string): void => {
  const nodes = tree.categories_nodes;
  if (Array.isArray(nodes) && nodes.length > 0) {
    refuse(`${path}.categories_nodes`, 'none (categorical splits are not supported)', nodes);
  }
  if (tree.split_type === undefined) return;
  arrayAt(tree.split_type, `${path}.split_type`).forEach((type, i) => {
    if (type !== 0) refuse(`${path}.split_type[${i}]`, '0 (categorical splits are not supported)', type);
  });
};

/** Throws if a node has only one child, or if a child is not a node, is the root or has two parents: every walk must end. */
const checkShape = (left: Numbers, right: Numbers, path: string): void => {
  const nodes = left.length;
  const parents = new Int32Array(nodes);
  const pending = [0];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if ((left[node] === -1) !== (right[node] === -1)) {
      refuse(`${path}.right_children[${node}]`, 'a child on both sides or on none', right[node]);
    }
    if (left[node] === -1) continue;
    for (const [key, child] of [
      ['left_children', left[node]!],
      ['right_children', right[node]!],
    ] as const) {
      if (!Number.isInteger(child) || child < 1 || child >= nodes) {
        refuse(`${path}.${key}[${node}]`, `-1 or a node from 1 to ${nodes - 1}`, child);
      }
      if (parents[child]! > 0) refuse(`${path}.${key}[${node}]`, 'a node that is no other’s child', child);
      parents[child] = 1;
      pending.push(child);
    }
  }
};

const treeAt = (value: unknown, path: string, features: number): Tree => {
  const tree = objectAt(value, path);
  const nodes = arrayAt(tree.left_children, `${path}.left_children`).length;
  if (nodes === 0) refuse(`${path}.left_children`, 'at least one node', []);
  const parameters = objectAt(tree.tree_param ?? {}, `${path}.tree_param`);
  if (wholeAt(parameters.size_leaf_vector ?? 1, `${path}.tree_param.size_leaf_vector`) > 1) {
    refuse(
      `${path}.tree_param.size_leaf_vector`,
      '1 (leaves of several outputs are not supported)',
      parameters.size_leaf_vector,
    );
  }
  refuseCategories(tree, path);
  const left = numbersAt(tree, 'left_children', path, nodes);
  const right = numbersAt(tree, 'right_children', path, nodes);
  const feature = numbersAt(tree, 'split_indices', path, nodes);
  const condition = numbersAt(tree, 'split_conditions', path, nodes);
  if (tree.base_weights !== undefined) numbersAt(tree, 'base_weights', path, nodes);
  checkShape(left, right, path);
  feature.forEach((index, node) => {
    if (left[node] !== -1 && (!Number.isInteger(index) || index < 0 || index >= features)) {
      refuse(`${path}.split_indices[${node}]`, `a feature from 0 to ${features - 1}`, index);
    }
  });
  return {
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    feature: Int32Array.from(feature),
    condition: Float32Array.from(condition),
    isMissingLeft: Uint8Array.from(flagsAt(tree, 'default_left', path, nodes)),
  };
};

const namesAt = (value: unknown, features: number): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const names = arrayAt(value, 'learner.feature_names');
  if (names.length === 0) return undefined;
  if (names.length !== features) refuse('learner.feature_names', `${features} names or none`, names.length);
  return names.map((name, i) =>
    typeof name === 'string' ? name : refuse(`learner.feature_names[${i}]`, 'a text', name),
  );
};

/**
 * Reads a model that XGBoost saved as JSON (`save_model('model.json')`; https://xgboost.readthedocs.io, "Introduction to
 * Model IO"). The model must have one output, the booster gbtree and no categorical splits. Throws ModelError if it cannot be
 * used; the message names the path of the wrong value.
 */
export const parseXgboostModel = (model: JsonObject): TreeModel => {
  const learner = objectAt(model.learner, 'learner');
  const booster = objectAt(learner.gradient_booster, 'learner.gradient_booster');
  const { name } = booster;
  if (name !== 'gbtree') refuse('learner.gradient_booster.name', '"gbtree"', name);
  const parameters = objectAt(learner.learner_model_param, PARAMETERS);
  const features = wholeAt(parameters.num_feature, `${PARAMETERS}.num_feature`);
  for (const key of ['num_class', 'num_target']) {
    if (wholeAt(parameters[key] ?? 0, `${PARAMETERS}.${key}`) > 1) {
      refuse(
        `${PARAMETERS}.${key}`,
        'at most 1 (models of several outputs are not supported)',
        parameters[key],
      );
    }
  }
  const objectiveName = objectAt(learner.objective, 'learner.objective').name;
  if (typeof objectiveName !== 'string' || !Object.hasOwn(OBJECTIVES, objectiveName)) {
    refuse('learner.objective.name', `one of ${Object.keys(OBJECTIVES).join(', ')}`, objectiveName);
  }
  const objective = OBJECTIVES[objectiveName as string]!;
  const trees = arrayAt(objectAt(booster.model, MODEL).trees, `${MODEL}.trees`);
  return {
    trees: trees.map((tree, i) => treeAt(tree, `${MODEL}.trees[${i}]`, features)),
    features,
    names: namesAt(learner.feature_names, features),
    baseScore: baseScoreAt(parameters.base_score, objective),
    objective,
  };
};
