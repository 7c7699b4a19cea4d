import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plainTemplate } from './plain-template.ts';

/** Writes the template that runs without the CDK read: `npm run template`. */
writeFileSync(
  fileURLToPath(new URL('./template.json', import.meta.url)),
  `${JSON.stringify(plainTemplate(), undefined, 1)}\n`,
);
