/**
 * Preloaded into a process: plants the defect that `PLANTED_DEFECT` names in its file when that file is loaded. Nothing on disk
 * changes.
 */
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { planted } from './defect.ts';
import { defectNamed } from './index.ts';

const name = process.env.PLANTED_DEFECT;
if (name !== undefined) {
  const found = defectNamed(name);
  const damaged = pathToFileURL(resolve(import.meta.dirname, '../../..', found.file)).href;
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      if (url !== damaged) return loaded;
      return { ...loaded, source: planted(found, String(loaded.source)) };
    },
  });
}
