/**
 * This file is preloaded into a process. There the modules of `domain/coupons/` import `opposite-prior.ts` in
 * place of the real prior. All other modules, such as those that judge the pipeline, import the real one.
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
