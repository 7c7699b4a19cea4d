import { synthesize } from './synth.ts';

await synthesize({ validate: true });
