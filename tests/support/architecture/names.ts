import { matchesGlob } from 'node:path';
import { type ArchitectureRule, codeOf } from './sources.ts';

/** A name that was private to the project, what took its place, and the files in which it must not come back. */
export type OldName = { old: RegExp; now: string; files: readonly string[] };

const PRODUCT = ['domain/**', 'lambdas/**', 'platform/**'];

/** These are looked for as whole words of the code. Comments and texts may contain them. */
export const OLD_NAMES: readonly OldName[] = [
  { old: /\bDraw\b|\bdraws\b/, now: 'GrantDebit, debits', files: ['domain/grants/**', 'domain/coupons/**'] },
  { old: /\bworkOff\b/, now: 'processMemberEvents', files: PRODUCT },
  { old: /\btakeStep\b|\bStep\b/, now: 'applyOrder, OrderTransition', files: ['domain/coupons/**'] },
  { old: /\bFound\b/, now: 'CouponLookup', files: ['domain/coupons/**'] },
  { old: /\bQuestion\b/, now: 'DecisionInput', files: ['domain/coupons/**'] },
  { old: /\b[hH]appenings?(?:Of)?\b/, now: 'metricEvent', files: PRODUCT },
  {
    old: /\btell\b|\btold\b|\btellAgain\b/,
    now: 'publish, published',
    files: ['domain/coupons/**', 'domain/grants/**', 'domain/free-orders/**'],
  },
  { old: /\bsettle\b/, now: 'a name that says what is settled', files: PRODUCT },
  { old: /\bconsider\b/, now: 'evaluateForPresale', files: PRODUCT },
  { old: /\bProspects?\b/, now: 'ExchangeMoves', files: ['domain/allocation/**'] },
  { old: /\bBox\b/, now: 'PriceBox', files: ['domain/allocation/**'] },
  { old: /\bPurse\b/, now: 'RemainingPrizes', files: ['domain/free-orders/**'] },
  { old: /\bEnding\b/, now: 'EntryOutcome', files: ['domain/free-orders/**'] },
  { old: /\bveil\b/, now: 'pseudonymize', files: ['domain/free-orders/**'] },
  { old: /\bmayBeForgotten\b/, now: 'mayHaveBeenEvicted', files: PRODUCT },
  { old: /\brecall\b/, now: 'rememberedOutcome', files: PRODUCT },
  { old: /\bfindBrought\b/, now: 'couponsIssuedFor', files: PRODUCT },
  { old: /\bcostFen: \w*\.?discountFen\b/, now: 'faceValueFen(offer)', files: ['domain/**'] },
  {
    old: /\b(?:type|interface|class) (?:Outcome|Report|Tally|Reason|Claim|Block|Entry|OrderFacts)\b/,
    now: 'a name qualified by its folder',
    files: ['allocation', 'coupons', 'free-orders', 'grants', 'metrics', 'pacing', 'presale'].map(
      (subject) => `domain/${subject}/**`,
    ),
  },
];

const OLD_FILES: readonly string[] = [
  'domain/coupons/step.ts',
  'domain/coupons/work.ts',
  'domain/presale/consider.ts',
];

/** No name of the list is in the files that it is listed for, and no file has one of its old names. */
export const oldNameRule: ArchitectureRule = (sources) =>
  Object.entries(sources).flatMap(([path, text]) => {
    const code = codeOf(text);
    return [
      ...(OLD_FILES.includes(path) ? [`${path}: the file has another name now`] : []),
      ...OLD_NAMES.filter(({ files }) => files.some((glob) => matchesGlob(path, glob))).flatMap(
        ({ old, now }) => {
          const found = old.exec(code);
          return found === null ? [] : [`${path}: ${found[0]} is ${now} now`];
        },
      ),
    ];
  });
