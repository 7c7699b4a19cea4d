/** What the CDK runs to get the template (`app` in cdk.json). */
import { synthesize } from './synth.ts';

await synthesize({ validate: true });
