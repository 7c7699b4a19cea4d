import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plainTemplate } from './plain-template.ts';

/** `npm run template`: writes the template that is read by runs without the CDK. */
writeFileSync(
  fileURLToPath(new URL('./template.json', import.meta.url)),
  `${JSON.stringify(plainTemplate(), undefined, 1)}\n`,
);
