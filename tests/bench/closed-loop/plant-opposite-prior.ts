/**
 * Preloaded into a process. The pipeline's own modules get the prior of `opposite-prior.ts` there. Everything else, such as what
 * judges them, gets the real one.
 */
import { registerHooks } from 'node:module';

const REAL = import.meta.resolve('#domain/coupons/model.ts');
const OPPOSITE = import.meta.resolve('./opposite-prior.ts');
const PIPELINE = new URL('./', REAL).href;

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context);
    const isPipelines = context.parentURL?.startsWith(PIPELINE) === true;
    return isPipelines && resolved.url === REAL ? { ...resolved, url: OPPOSITE } : resolved;
  },
});
