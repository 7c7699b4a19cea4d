/** A shop's own linear model, as a scorer. */
import { type JsonObject, numberAt, objectAt, refuse, type Scorer } from './scorer.ts';

const LINKS: Readonly<Record<string, (sum: number) => number>> = {
  identity: (sum) => sum,
  logistic: (sum) => 1 / (1 + Math.exp(-sum)),
};

const KEYS: ReadonlySet<string> = new Set(['link', 'intercept', 'coefficients', 'missing']);

/**
 * A linear model in JSON: `{"link": "identity" | "logistic", "intercept": 0.1, "coefficients": {"feature": 0.2, …}, "missing":
 * {"feature": 3.5, …}}`. The features are in the order of the coefficients. `missing` holds the value used for a missing
 * feature, 0 by default. Throws ModelError.
 */
export const linearScorer = (model: JsonObject): Scorer => {
  for (const key of Object.keys(model)) {
    if (!KEYS.has(key)) refuse(key, `one of ${[...KEYS].join(', ')}`, key);
  }
  const link = model.link ?? 'identity';
  if (typeof link !== 'string' || !Object.hasOwn(LINKS, link))
    refuse('link', Object.keys(LINKS).join(' or '), link);
  const transform = LINKS[link as string]!;
  const intercept = model.intercept === undefined ? 0 : numberAt(model.intercept, 'intercept');
  const coefficients = Object.entries(objectAt(model.coefficients, 'coefficients'));
  if (coefficients.length === 0) refuse('coefficients', 'at least one', {});
  const names = coefficients.map(([name]) => name);
  const weights = Float64Array.from(coefficients, ([name, value]) => numberAt(value, `coefficients.${name}`));
  const substitutes = new Float64Array(names.length);
  for (const [name, value] of Object.entries(objectAt(model.missing ?? {}, 'missing'))) {
    const at = names.indexOf(name);
    if (at < 0) refuse(`missing.${name}`, 'a feature that has a coefficient', name);
    substitutes[at] = numberAt(value, `missing.${name}`);
  }
  return {
    size: names.length,
    names,
    score: (features) => {
      let sum = intercept;
      for (let i = 0; i < weights.length; i++) {
        const value = features[i] ?? Number.NaN;
        sum += weights[i]! * (Number.isNaN(value) ? substitutes[i]! : value);
      }
      return transform(sum);
    },
  };
};
