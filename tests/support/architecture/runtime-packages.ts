import { isBuiltin } from 'node:module';
import { type Finding, type ImportStatement, importsOf, type Sources } from './sources.ts';

/** The package of an import such as `@aws-sdk/client-sqs/dist/x.js`. */
const packageOf = (target: string): string =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');

/**
 * Finds imports of packages that are not `installed`, in the files that a command loads: in a fresh clone, `npm start` installs
 * only the runtime packages. Imports are followed from the `entries` on, except imports of types.
 */
export const missingPackages = (
  sources: Sources,
  entries: readonly string[],
  installed: readonly string[],
): Finding[] => {
  const imports: Map<string, ImportStatement[]> = Map.groupBy(
    importsOf(sources).filter(({ values }) => values.length > 0),
    ({ from }) => from,
  );
  const reached = new Set(entries);
  const findings: Finding[] = [];
  for (const from of reached)
    for (const { to, isOurs } of imports.get(from) ?? []) {
      if (isOurs) reached.add(to);
      else if (!isBuiltin(to) && !installed.includes(packageOf(to)))
        findings.push(`${from} imports ${to}: npm start does not install it`);
    }
  return findings;
};
