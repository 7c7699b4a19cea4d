import { type ArchitectureRule, type ImportStatement, importsOf } from './sources.ts';

const folderOf = (path: string): string => path.split('/')[0]!;
const subjectOf = (path: string): string => path.split('/')[1]!;

/**
 * What a folder may import besides itself. A folder that is not here, such as `local`, may import every folder. Neither holds for
 * imports from `lambdas`: see {@link folderRule}.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  events: [],
  platform: [],
  domain: ['platform', 'events'],
  lambdas: ['domain', 'platform', 'events'],
  producer: ['platform', 'events'],
  lib: ['domain', 'platform', 'events'],
  simulator: ['domain', 'platform', 'events'],
};

/** Folders that may import only constants and types of the domain, and no functions. */
const CONSTANTS_ONLY = ['lib', 'simulator'];
const CONSTANT_NAME = /^[A-Z][A-Z\d_]*$/;

const OUTSIDE = ['lambdas/outside.ts', 'lambdas/buckets.ts'];

const describe = ({ from, to }: ImportStatement, why: string): string => `${from} imports ${to}: ${why}`;

/**
 * Which folder may import which: entry points import the domain, and the domain imports the platform. Only tests import
 * `lambdas`, except that its own files import those of {@link OUTSIDE}.
 */
export const folderRule: ArchitectureRule = (sources) =>
  importsOf(sources).flatMap((one) => {
    const [folder, target] = [folderOf(one.from), folderOf(one.to)];
    if (!one.isOurs) return [];
    if (target === 'lambdas') {
      const isOutside = folder === 'lambdas' && OUTSIDE.includes(one.to);
      return isOutside || folder === 'tests' ? [] : [describe(one, 'nobody imports lambdas/')];
    }
    if (target === folder || ALLOWED[folder] === undefined || ALLOWED[folder].includes(target)) return [];
    return [describe(one, `${folder} may import ${ALLOWED[folder].join(', ') || 'nothing of ours'}`)];
  });

/** The arithmetic by which the stack is sized. `lib` needs it, so `lib` and `simulator` may call it. */
const SIZING = 'domain/capacity/';

/** `lib` and `simulator` take constants and types of the domain, and call no function of it except those in {@link SIZING}. */
export const constantsRule: ArchitectureRule = (sources) =>
  importsOf(sources).flatMap((one) => {
    if (!CONSTANTS_ONLY.includes(folderOf(one.from)) || folderOf(one.to) !== 'domain') return [];
    if (one.to.startsWith(SIZING)) return [];
    return one.values
      .filter((name) => !CONSTANT_NAME.test(name))
      .map((name) => describe(one, `${name} is not a constant`));
  });

/** The subjects of the domain, row by row. A subject imports only from rows above its own. */
export const DOMAIN_ROWS: readonly (readonly string[])[] = [
  ['campaigns', 'members', 'metrics', 'allocation'],
  ['grants', 'experiment', 'learning'],
  ['coupons', 'free-orders', 'intake'],
  ['presale', 'capacity'],
  ['pacing', 'erasure'],
  ['board'],
];

const rowOf = (subject: string): number => DOMAIN_ROWS.findIndex((row) => row.includes(subject));

export const domainRowRule: ArchitectureRule = (sources) =>
  importsOf(sources).flatMap((one) => {
    if (folderOf(one.from) !== 'domain') return [];
    const row = rowOf(subjectOf(one.from));
    if (row === -1) return [`${one.from}: expected a subject of the domain, got ${subjectOf(one.from)}`];
    if (folderOf(one.to) !== 'domain' || subjectOf(one.to) === subjectOf(one.from)) return [];
    const target = rowOf(subjectOf(one.to));
    return target !== -1 && target < row ? [] : [describe(one, 'it is in no row above')];
  });

/** The allocation of a budget is pure: it may import the platform, and of the events only their types. */
export const allocationRule: ArchitectureRule = (sources) =>
  importsOf(sources).flatMap((one) => {
    if (!one.from.startsWith('domain/allocation/') || !one.isOurs) return [];
    const isFine =
      one.to.startsWith('domain/allocation/') ||
      folderOf(one.to) === 'platform' ||
      (folderOf(one.to) === 'events' && one.values.length === 0);
    return isFine ? [] : [describe(one, 'allocation may import platform, and types of events')];
  });
