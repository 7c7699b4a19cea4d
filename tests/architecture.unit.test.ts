import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import {
  allocationRule,
  constantsRule,
  domainRowRule,
  folderRule,
} from './support/architecture/dependencies.ts';
import { logContentRule } from './support/architecture/log-content.ts';
import { oldNameRule } from './support/architecture/names.ts';
import { missingPackages } from './support/architecture/runtime-packages.ts';
import { importsOf, readSources } from './support/architecture/sources.ts';
import { ambientRule, moduleStateRule } from './support/architecture/state.ts';
import { MAX_TEST_LINES, testLengthRule } from './support/architecture/test-length.ts';

const PRODUCT = readSources(
  'events',
  'platform',
  'domain',
  'lambdas',
  'lib',
  'producer',
  'simulator',
  'local',
);
const TESTS = readSources('tests');

describe('the source code', () => {
  it('is read whole: every folder has sources, and their imports are found', () => {
    const folders = new Set(Object.keys(PRODUCT).map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual(
      ['domain', 'events', 'lambdas', 'lib', 'local', 'platform', 'producer', 'simulator'].sort(),
    );
    const ours = importsOf(PRODUCT).filter(({ isOurs }) => isOurs);
    expect(ours.length).toBeGreaterThan(500);
    // Data files are not sources. The compiler checks that they exist.
    for (const { to } of ours.filter((one) => !one.to.endsWith('.json')))
      expect(PRODUCT, to).toHaveProperty([to]);
  });

  it.each([
    ['imports into a folder only what that folder may import', folderRule],
    ['imports only constants and the sizing from the domain into the CDK app and simulator', constantsRule],
    ['imports into a subject of the domain only from subjects in the rows before its own', domainRowRule],
    ['imports only the platform and types of events into the allocation', allocationRule],
    ['holds no state in a module of domain or platform', moduleStateRule],
    ['reads no clock, randomness or environment in domain and platform', ambientRule],
    ['puts no id of a member, an order, an event or a grant into the log', logContentRule],
    ['uses no name that was replaced', oldNameRule],
  ])('%s', (_, rule) => {
    expect(rule(PRODUCT)).toEqual([]);
  });

  it('runs with the packages that npm start installs', () => {
    // The files that `exec node` runs in the scripts whose `pre` script installs no development packages.
    const entries = Object.entries(manifest.scripts)
      .filter(([name]) => (manifest.scripts as Record<string, string>)[`pre${name}`] === 'node bin/setup.js')
      .map(([, command]) => command.split(' ')[2]!.replace('bin/zhihui.js', 'local/cli/main.ts'));
    expect(entries).toContain('local/cli/main.ts');
    expect(missingPackages(PRODUCT, entries, Object.keys(manifest.dependencies))).toEqual([]);
  });

  it(`has no test of more than ${MAX_TEST_LINES} lines`, () => {
    expect(testLengthRule(TESTS)).toEqual([]);
  });
});

/** A file of `domain/grants` with this text. */
const grants = (text: string) => ({ 'domain/grants/planted.ts': text });

describe('a planted fault is found:', () => {
  it.each([
    ['domain/grants/planted.ts', "import { handler } from '#lambdas/coupon/handler.ts';"],
    ['domain/grants/planted.ts', "import type { SLICE_MS } from '../../lambdas/audience/handler.ts';"],
    ['lambdas/coupon/handler.ts', "import { handler } from '../draw/handler.ts';"],
    ['local/planted.ts', "await import('#lambdas/coupon/handler.ts');"],
    ['domain/grants/planted.ts', "import { STACK_NAME } from '#lib/template.ts';"],
    ['domain/grants/planted.ts', "export { readGrant } from '#local/planted.ts';"],
    ['platform/planted.ts', "import { poolOf } from '#domain/campaigns/budget.ts';"],
    ['platform/planted.ts', "import type { EventType } from '#events/contract.ts';"],
    ['events/planted.ts', "import { digestOf } from '#platform/hash.ts';"],
    ['simulator/planted.ts', "import {\n  synthesize,\n} from '#lib/synth.ts';"],
  ])('an import between folders, in %s: %s', (path, text) => {
    expect(folderRule({ [path]: text })).toHaveLength(1);
  });

  it.each([
    ['lib/planted.ts', "import { drawSlot, DRAND_RELAYS } from '#domain/free-orders/draw/drand.ts';"],
    ['simulator/planted.ts', "import * as budget from '#domain/campaigns/budget.ts';"],
  ])('an import of a function of the domain, in %s: %s', (path, text) => {
    expect(constantsRule({ [path]: text })).toHaveLength(1);
  });

  it.each([
    ['domain/grants/planted.ts', "import { decide } from '#domain/coupons/decide.ts';"],
    ['domain/free-orders/planted.ts', "import { decide } from '../coupons/decide.ts';"],
    ['domain/coupons/planted.ts', "import type { Rules } from '#domain/free-orders/rules/rules.ts';"],
    ['domain/campaigns/planted.ts', "import type { Profile } from '#domain/members/profile.ts';"],
    ['domain/vouchers/planted.ts', "import { chunks } from '#platform/collections.ts';"],
  ])('an import between subjects, in %s: %s', (path, text) => {
    expect(domainRowRule({ [path]: text })).toHaveLength(1);
  });

  it.each([
    "import type { Grant } from '#domain/grants/grant.ts';",
    "import { rejection } from '#events/contract.ts';",
  ])('an import into the allocation: %s', (text) => {
    expect(allocationRule({ 'domain/allocation/planted.ts': text })).toHaveLength(1);
  });

  it.each([
    'let calls = 0;',
    'export let calls = 0;',
    'const known = new Map<string, number>();',
    'export const known: Map<string, number> = new Map();',
    "const names = new Set(['a']);",
    'const trimmed = new WeakMap<object, string>();',
    'const scratch = new Float64Array(1);',
    'const grants: Grant[] = [];\nexport const add = (grant: Grant) => grants.push(grant);',
    'const totals = { fen: 0 };\nexport const add = (fen: number) => {\n  totals.fen += fen;\n};',
    'const known: Record<string, number> = {};\nexport const learn = (name: string) => {\n  known[name] = 1;\n};',
  ])('state of a module: %s', (text) => {
    expect(moduleStateRule(grants(text))).toHaveLength(1);
  });

  it.each([
    'const now = () => Date.now();',
    'const now = () => new Date();',
    'const chance = () => Math.random();',
    'const table = () => process.env.TABLE;',
    'const later = (work: () => void) => setTimeout(work, 1);',
    'const now = () => performance.now();',
    'const id = () => randomUUID();',
    'const read = () => fetch(address);',
  ])('something that is not handed in: %s', (text) => {
    expect(ambientRule(grants(text))).toHaveLength(1);
  });

  it.each([
    "throw new Error('expected a member, got none: ' + order.orderId);",
    "throw new RangeError(\n  text(kinds.join(), live[i]!.id, 'is revoked'),\n);",
    "runtime.logger.warn('link refused', { campaignId, member: link.memberId });",
    "logger.info('wins', { members: wins.map(({ member }) => nameOf(member)), ...wins[0].member });",
  ])('an id in the log: %s', (text) => {
    expect(logContentRule(grants(text))).toHaveLength(1);
  });

  it('a package that only a development installation has, imported through another file', () => {
    const planted = {
      'local/start.ts': "import { bucket } from '#lib/planted.ts';\nimport { readFileSync } from 'node:fs';",
      'lib/planted.ts':
        "import { Bucket } from 'aws-cdk-lib/aws-s3';\nimport type { Construct } from 'constructs';",
    };
    expect(missingPackages(planted, ['local/start.ts'], ['commander'])).toEqual([
      'lib/planted.ts imports aws-cdk-lib/aws-s3: npm start does not install it',
    ]);
  });

  it('a replaced name, in the code and as the name of a file', () => {
    const planted = { 'domain/coupons/work.ts': 'export const workOff = () => findBrought();' };
    expect(oldNameRule(planted)).toHaveLength(3);
  });

  it('a test that is too long, and not one that is just short enough', () => {
    const ofLines = (lines: number) =>
      [
        "describe('it', () => {",
        "  it('is long', () => {",
        ...Array(lines - 2).fill('    one();'),
        '  });',
        '});',
      ].join('\n');
    expect(testLengthRule({ 'tests/planted.unit.test.ts': ofLines(MAX_TEST_LINES) })).toEqual([]);
    expect(testLengthRule({ 'tests/planted.unit.test.ts': ofLines(MAX_TEST_LINES + 1) })).toHaveLength(1);
  });
});

describe('what is allowed is not found:', () => {
  it.each([
    ['lambdas/coupon/handler.ts', "import { lambdaOutside } from '../outside.ts';"],
    ['lambdas/coupon/handler.ts', "import { decide } from '#domain/coupons/decide.ts';"],
    ['domain/board/view.ts', "import { readout } from '#domain/experiment/readout.ts';"],
    ['lib/functions/draw.ts', "import { DRAND_RELAYS } from '#domain/free-orders/draw/drand.ts';"],
    ['simulator/chance.ts', "import { type Coupons } from '#domain/coupons/decide.ts';"],
    ['domain/allocation/plan.ts', "import type { Coupons } from '#events/sections/coupons.ts';"],
    ['domain/grants/grant.ts', "import { createHash } from 'node:crypto';"],
    ['domain/grants/grant.ts', "throw new Error('expected shards, got none: ' + campaignId);"],
    ['domain/grants/grant.ts', "logger.info('done', { campaignId }); send(order.orderId);"],
  ])('in %s: %s', (path, text) => {
    const found = [folderRule, constantsRule, domainRowRule, allocationRule, logContentRule].flatMap((rule) =>
      rule({ [path]: text }),
    );
    expect(found).toEqual([]);
  });

  it.each([
    "const KINDS: ReadonlySet<string> = new Set(['paid']);",
    'const LIMITS = { perDay: 1 };\nconst limit = LIMITS.perDay === 1;',
    'const PATTERN = new RegExp(`^a$`);',
    'const MEMORY = compartment(() => new Map<string, string>());',
    'export const read = () => {\n  let calls = 0;\n  calls++;\n};',
    "// Date.now() is the caller's: `let` and new Date() are words here.",
    'const at = (ms: number) => new Date(ms);',
    'const read = (runtime: Runtime) => runtime.fetch(address);',
  ])('in a module: %s', (text) => {
    expect([...moduleStateRule(grants(text)), ...ambientRule(grants(text))]).toEqual([]);
  });
});
