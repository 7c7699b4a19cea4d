import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_CHECK, seal, unseal } from '#domain/free-orders/audit/export-format.ts';
import { type Published, parsePublished } from '#domain/free-orders/audit/published.ts';
import {
  DrawVerifier,
  MAX_FINDINGS_OF_A_FIELD,
  type Verdict,
} from '#domain/free-orders/audit/verify-draw.ts';
import type { Drawn } from '#domain/free-orders/draw/draw.ts';
import type { DrawEntry } from '#domain/free-orders/rules/entry.ts';
import {
  bytes,
  entriesUpTo,
  entryOf,
  exportInstant,
  exportSlots,
  HOUR_MS,
  instantRules,
  type Run,
  SEED,
  STARTS_AT_MS,
  slotRules,
} from './factory.ts';

const ENTRIES = entriesUpTo(300);

/** Rules under which an instant draw has many different outcomes. */
const INSTANT_RULES = instantRules({
  odds: { win: 1, in: 2 },
  perMemberPerDay: 1,
  perMember: 1,
  quota: 60,
  budgetFen: 180_000,
  minimumPaidFen: 1_500,
});

const SLOT_RULES = slotRules({ perMember: 1, prizes: 8 });

const instant = exportInstant(
  INSTANT_RULES,
  ENTRIES,
  SEED,
  ({ outcome, entry }) => outcome === 'won' && entry.paidFen > 4_000,
);
const slots = exportSlots(SLOT_RULES, ENTRIES, {
  refunds: [entryOf(5).orderId, entryOf(8).orderId],
  late: [entryOf(900), entryOf(901)],
});

const verify = (lines: readonly string[], published?: Published): Verdict => {
  const verifier = new DrawVerifier(published);
  for (const line of lines.join('').split('\n').slice(0, -1)) verifier.line(line);
  return verifier.finish();
};

const keptOf = ({ publications }: Run): Published => {
  const parsed = parsePublished(publications.map((one) => JSON.stringify(one)).join('\n'));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.published;
};

/** Changes one line's text but not its check, as a careless forger would. */
const changed = (lines: readonly string[], at: number, from: string | RegExp, to: string): string[] => {
  const line = lines[at]!.replace(from, to);
  expect(line).not.toBe(lines[at]);
  return lines.with(at, line);
};

/** Corrects all checks after a change, as a careful forger would. The root in the close line stays as it was. */
const resealed = (lines: readonly string[]): string[] => {
  let check = FIRST_CHECK;
  return lines.map((line) => {
    const sealed = seal(check, unseal('', line.slice(0, -1))!.body);
    check = sealed.check;
    return `${sealed.text}\n`;
  });
};

const messagesAt = ({ findings }: Verdict, line: number) =>
  findings.filter((one) => one.line === line).map(({ message }) => message);

/** The place in `lines` of the first entry with this outcome, counted from 0. */
const lineOf = (lines: readonly string[], outcome: string): number => {
  const at = lines.findIndex((line) => line.includes(`"outcome":"${outcome}"`));
  expect(at).toBeGreaterThan(0);
  return at;
};

describe.each([
  ['instant', instant],
  ['slot', slots],
])('an honest export, %s mode', (mode, run) => {
  it('is verified, on its own and against what was published', () => {
    expect(verify(run.lines).findings).toEqual([]);
    const verdict = verify(run.lines, keptOf(run));
    expect(verdict).toMatchObject({ ok: true, findingCount: 0, root: run.root, lines: run.lines.length });
    expect(verdict.counts.entries).toBe(mode === 'instant' ? 300 : 302);
  });

  it('shows the outcomes that its rules lead to', () => {
    const outcomes = Object.keys(verify(run.lines).counts.outcomes).sort();
    expect(outcomes).toEqual(
      mode === 'instant'
        ? ['below-minimum', 'budget-exhausted', 'member-day-limit', 'not-drawn', 'won']
        : ['member-campaign-limit', 'not-drawn', 'refunded', 'slot-closed', 'won'],
    );
  });
});

/** Few enough to go through every line; a slot's beacon signature is checked again each time. */
const FEW = entriesUpTo(16);

describe.each([
  ['instant', exportInstant(INSTANT_RULES, FEW)],
  ['slot', exportSlots(SLOT_RULES, FEW, { late: [entryOf(900)] })],
])('an export, %s mode', (_, run) => {
  it('is not verified with any one line removed, doubled or moved, and the place is named', () => {
    for (let at = 0; at < run.lines.length; at++) {
      const line = run.lines[at]!;
      const removed = verify(run.lines.toSpliced(at, 1));
      const doubled = verify(run.lines.toSpliced(at, 0, line));
      expect([removed.ok, doubled.ok]).toEqual([false, false]);
      expect(removed.findings[0]!.line).toBe(at + 1);
      expect(doubled.findings[0]!.line).toBe(at + 2);
      if (at === 0) continue;
      const swapped = verify(run.lines.with(at, run.lines[at - 1]!).with(at - 1, line));
      expect(swapped.ok).toBe(false);
      expect(swapped.findings[0]!.line).toBe(at);
    }
  });

  it('is not verified with any one character changed, and the line is named', () => {
    for (let at = 0; at < run.lines.length; at++) {
      const line = run.lines[at]!;
      const place = (at * 31) % (line.length - 1);
      const other = line[place] === '0' ? '1' : '0';
      const verdict = verify(run.lines.with(at, line.slice(0, place) + other + line.slice(place + 1)));
      expect(verdict.ok).toBe(false);
      expect(verdict.findings[0]!.line).toBe(at + 1);
    }
  });
});

describe.each([
  ['instant', instant],
  ['slot', slots],
])('in a forged export, %s mode', (mode, run) => {
  const rules = mode === 'instant' ? INSTANT_RULES : SLOT_RULES;

  it('an altered winner is found, with its line', () => {
    const at = lineOf(run.lines, 'won');
    const forged = changed(run.lines, at, '"outcome":"won"', '"outcome":"not-drawn"');
    expect(messagesAt(verify(forged), at + 1).join()).toMatch(
      /^check: .*awardFen: expected 0.*outcome: expected/s,
    );
    expect(messagesAt(verify(resealed(forged)), at + 1).join()).toMatch(
      /outcome: expected .*, got not-drawn/,
    );
  });

  it('a loser that is made a winner is found, with its line', () => {
    const at = lineOf(run.lines, 'not-drawn');
    const { paidFen } = run.drawn.find(({ entry }) => run.lines[at]!.includes(`"${entry.orderId}"`))!.entry;
    const award = `"outcome":"won","awardFen":${Math.min(paidFen, rules.capFen)}`;
    const forged = changed(run.lines, at, '"outcome":"not-drawn","awardFen":0', award);
    expect(verify(forged).ok).toBe(false);
    expect(messagesAt(verify(resealed(forged)), at + 1).join()).toMatch(/outcome: expected not-drawn/);
  });

  it('a larger award is found, with its line', () => {
    const at = lineOf(run.lines, 'won');
    const forged = resealed(changed(run.lines, at, /"awardFen":(\d+)/, '"awardFen":9$1'));
    expect(messagesAt(verify(forged), at + 1)).toContainEqual(expect.stringMatching(/^awardFen: expected/));
  });

  it('a removed loser is found by the next line’s check, and if checks are corrected, by the counts', () => {
    const at = lineOf(run.lines, 'not-drawn');
    const forged = run.lines.toSpliced(at, 1);
    expect(messagesAt(verify(forged), at + 1)).toContainEqual(expect.stringMatching(/^check: /));
    const mended = verify(resealed(forged));
    expect(messagesAt(mended, forged.length)).toContainEqual(expect.stringMatching(/^entries: expected/));
  });

  it('a replaced order id is found, with its line', () => {
    const at = lineOf(run.lines, 'won');
    const forged = changed(run.lines, at, /order-\d(\d{6})/, 'order-9$1');
    const verdict = verify(resealed(forged));
    expect(messagesAt(verify(forged), at + 1)).toContainEqual(expect.stringMatching(/^ticket: expected/));
    expect(messagesAt(verdict, at + 1)).toContainEqual(expect.stringMatching(/^ticket: expected/));
  });

  it('order ids swapped between two lines are found, with both lines', () => {
    const at = lineOf(run.lines, 'won');
    const [a, b] = [at, at + 1].map((place) => /order-\d{7}/.exec(run.lines[place]!)![0]);
    const forged = run.lines
      .with(at, run.lines[at]!.replace(a!, b!))
      .with(at + 1, run.lines[at + 1]!.replace(b!, a!));
    const verdict = verify(resealed(forged));
    expect(messagesAt(verdict, at + 1)).toContainEqual(expect.stringMatching(/^ticket: expected/));
    expect(messagesAt(verdict, at + 2).length).toBeGreaterThan(0);
  });

  it('another seed is found on the first line, with or without what was published', () => {
    const hex = Buffer.from(SEED).toString('hex');
    const forged = resealed(changed(run.lines, 0, `"seed":"${hex}"`, `"seed":"${'08'.repeat(32)}"`));
    expect(messagesAt(verify(forged), 1).join()).toMatch(
      /^seed: expected the one that [0-9a-f]{64} commits to/,
    );
  });

  it('a draw done again under another seed agrees with itself, and is found by the published commitment', () => {
    const again =
      mode === 'instant'
        ? exportInstant(INSTANT_RULES, ENTRIES, bytes(8))
        : exportSlots(SLOT_RULES, ENTRIES, { seed: bytes(8) });
    expect(verify(again.lines).ok).toBe(true);
    const { commitment, facts } = { ...keptOf(run), commitment: keptOf(run).facts!.seedCommitment };
    expect(messagesAt(verify(again.lines, { commitment }), 1).join()).toMatch(
      /^facts.seedCommitment: expected/,
    );
    expect(messagesAt(verify(again.lines, { facts: facts! }), 1).join()).toBe(
      'facts: expected those that were published, got others',
    );
  });

  it('a draw done again without one loser agrees with itself, and is found by the published root', () => {
    const loser = run.drawn.find(({ outcome }) => outcome === 'not-drawn')!.entry;
    const rest = ENTRIES.filter(({ orderId }) => orderId !== loser.orderId);
    const again = mode === 'instant' ? exportInstant(INSTANT_RULES, rest) : exportSlots(SLOT_RULES, rest);
    expect(verify(again.lines).ok).toBe(true);
    const verdict = verify(again.lines, { root: run.root });
    expect(messagesAt(verdict, again.lines.length).join()).toMatch(
      `root: expected ${run.root}, as published`,
    );
  });

  it('a cap above the legal limit is found on the first line', () => {
    const forged = resealed(changed(run.lines, 0, '"capFen":5000', '"capFen":5000001'));
    expect(verify(forged).findings).toEqual([
      {
        line: 1,
        message:
          'freeOrders.capFen: expected an integer from 1 to 5000000, the most in fen that a prize drawn by lot may be worth, got 5000001',
      },
    ]);
  });

  it('a file that is no export is refused on its first line', () => {
    expect(verify(['hello\n', ...run.lines]).findings[0]).toEqual({
      line: 1,
      message: 'expected a line of the export format, got something else',
    });
    expect(verify([]).findings).toEqual([
      { line: 1, message: 'expected a close line, got the end of the file' },
    ]);
  });

  it.each([
    ['a header that nests deeply', '['.repeat(50_000), ']'.repeat(50_000)],
    ['a header that nests a little too deeply', `{"a":${'['.repeat(16)}`, `${']'.repeat(16)}}`],
  ])('%s is refused on its line', (_, opening, closing) => {
    const body = `{"kind":"draw","version":2,"facts":${opening}${closing},"seed":"${'ab'.repeat(32)}"`;
    const verifier = new DrawVerifier();
    verifier.line(seal(FIRST_CHECK, body).text);
    expect(verifier.finish().findings[0]).toEqual({
      line: 1,
      message: 'expected a line of the export format, got something else',
    });
  });

  it('all findings are counted, and only the first of each field are kept', () => {
    const forged = run.lines.map((line, at) => (at === 0 ? line : line.replace(/"check":"./, '"check":"x')));
    const { findings, findingCount } = verify(forged);
    expect(findings.filter(({ message }) => message.startsWith('check: '))).toHaveLength(
      MAX_FINDINGS_OF_A_FIELD,
    );
    expect(findingCount).toBeGreaterThanOrEqual(run.lines.length - 1);
  });
});

describe('in an instant draw with limits and a budget', () => {
  const rules = instantRules({ odds: { win: 1, in: 1 }, perMember: 1, quota: 2, budgetFen: 5_000 });
  const priced = [3_000, 3_000, 1_000].map((paidFen, n) => entryOf(3 * n, { paidFen }));
  const messages = (drawn: Pick<Drawn, 'outcome'>['outcome'][]) => {
    const run = exportInstant(rules, priced);
    const forged = run.lines.map((line, at) => {
      const outcome = drawn[at - 1];
      const award = outcome === 'won' ? priced[at - 1]!.paidFen : 0;
      return outcome === undefined
        ? line
        : line
            .replace(/"outcome":"[^"]*","awardFen":\d+/, `"outcome":"${outcome}","awardFen":${award}`)
            .replace(/"paidOutFen":\d+/, `"paidOutFen":${award}`);
    });
    return verify(resealed(forged)).findings.filter(({ line }) => line < run.lines.length);
  };

  it('every win beyond the budget or the quota is found, at its line', () => {
    expect(messages(['won', 'budget-exhausted', 'won'])).toEqual([]);
    expect(messages(['won', 'won', 'quota-exhausted'])).toEqual([
      { line: 3, message: 'outcome: expected budget-exhausted after the wins before, got won' },
    ]);
    expect(messages(['won', 'won', 'won']).map(({ line }) => line)).toEqual([3, 4]);
  });

  it('a refusal for a reason that did not hold is found', () => {
    expect(messages(['won', 'quota-exhausted', 'budget-exhausted'])).toEqual([
      { line: 3, message: 'outcome: expected budget-exhausted, got quota-exhausted' },
      { line: 4, message: 'outcome: expected won, got budget-exhausted' },
    ]);
    expect(messages(['member-campaign-limit', 'won', 'won'])).toEqual([
      { line: 2, message: 'outcome: expected quota-exhausted, got member-campaign-limit' },
    ]);
  });
});

describe('in an export of slots', () => {
  const isSlot = (line: string) => line.startsWith('{"kind":"slot"');
  const firstSlot = slots.lines.findIndex(isSlot);

  it('a changed root is found, however many tickets are wrong because of it', () => {
    const forged = resealed(changed(slots.lines, firstSlot, /"root":"...../, '"root":"00000'));
    expect(messagesAt(verify(forged), firstSlot + 1)).toContainEqual(
      expect.stringMatching(/^root: expected/),
    );
  });

  it('a round that the network did not sign is found', () => {
    const forged = resealed(changed(slots.lines, firstSlot, /"signature":"b446/, '"signature":"b447'));
    expect(messagesAt(verify(forged), firstSlot + 1)).toContain(
      'randomness: expected that of round 1000 of quicknet, got another',
    );
  });

  it('another round than the rules name is found', () => {
    const forged = resealed(changed(slots.lines, firstSlot, /"round":1000/, '"round":1001'));
    expect(messagesAt(verify(forged), firstSlot + 1)).toContain('round: expected 1000, got 1001');
  });

  it('a root published before the slot was over is found', () => {
    const forged = resealed(changed(slots.lines, firstSlot, /"publishedAtMs":\d+/, '"publishedAtMs":5'));
    expect(messagesAt(verify(forged), firstSlot + 1).join()).toMatch(/^publishedAtMs: expected at least/);
  });

  it('a slot that is left out is found', () => {
    const second = slots.lines.findIndex((line, at) => at > firstSlot && isSlot(line));
    const forged = resealed(slots.lines.toSpliced(firstSlot, second - firstSlot));
    expect(messagesAt(verify(forged), firstSlot + 1)).toContain('slot: expected 0, got 1');
  });

  it('an entry in another slot than its time says is found', () => {
    const entry = entryOf(1, { timeMs: STARTS_AT_MS + HOUR_MS - 1 });
    const run = exportSlots(SLOT_RULES, [entry, entryOf(2)]);
    const [header, first, second] = [run.lines[0]!, ...run.lines.filter(isSlot)];
    const at = run.lines.findIndex((line) => line.includes(entry.orderId));
    const forged = resealed([header, first!, run.lines[at]!, second!, ...run.lines.slice(-2)]);
    expect(messagesAt(verify(forged), 3)).toContain('slot of timeMs: expected 0, got 1');
  });

  it('an order in two slots is found at its second slot', () => {
    const twice: DrawEntry[] = [
      entryOf(1, { timeMs: STARTS_AT_MS }),
      entryOf(1, { timeMs: STARTS_AT_MS + HOUR_MS - 1 }),
    ];
    const run = exportSlots(slotRules(), twice);
    expect(verify(run.lines).findings).toEqual([
      { line: 5, message: 'orderId: expected one entry for each order, got "order-0000001" a second time' },
    ]);
  });

  it('a draw done again without one loser is found by the published root of its slot', () => {
    const loser = slots.drawn.find(({ outcome }) => outcome === 'not-drawn')!.entry;
    const again = exportSlots(
      SLOT_RULES,
      ENTRIES.filter(({ orderId }) => orderId !== loser.orderId),
    );
    const { slots: published } = keptOf(slots);
    const at = again.lines.findIndex(isSlot);
    expect(messagesAt(verify(again.lines, { slots: published! }), at + 1).join()).toMatch(
      /^slot 0: expected .*as published/,
    );
  });

  it('a slot that was never published is found', () => {
    const { slots: published } = keptOf(slots);
    published!.delete(1);
    expect(verify(slots.lines, { slots: published! }).findings.map(({ message }) => message)).toEqual([
      'slot 1: expected a published statement, got none',
    ]);
  });

  it('slots that the quota or the budget ended are verified, and other outcomes in their place are found', () => {
    const ends: [keyof typeof SLOT_RULES & ('quota' | 'budgetFen'), number, string][] = [
      ['quota', 10, 'quota-exhausted'],
      ['budgetFen', 20_000, 'budget-exhausted'],
    ];
    for (const [field, value, outcome] of ends) {
      const run = exportSlots(slotRules({ prizes: 8, minimumPaidFen: 1_000, [field]: value }), ENTRIES);
      const verdict = verify(run.lines, keptOf(run));
      expect(verdict.findings).toEqual([]);
      expect(Object.keys(verdict.counts.outcomes)).toContain(outcome);
      const at = lineOf(run.lines, outcome);
      const forged = resealed(changed(run.lines, at, `"outcome":"${outcome}"`, '"outcome":"not-drawn"'));
      expect(messagesAt(verify(forged), at + 1).join()).toMatch(/outcome: expected/);
    }
  });

  it('an empty slot needs no round', () => {
    const run = exportSlots(SLOT_RULES, [entryOf(1, { timeMs: STARTS_AT_MS })]);
    expect(verify(run.lines, keptOf(run))).toMatchObject({ ok: true, slots: 2, rounds: 1 });
  });
});

describe('publications', () => {
  it.each([
    ['line 1: expected a publication in JSON', '{'],
    ['line 2: kind: expected "facts" or "slot" or "root", got "seed"', '\n{"kind":"seed"}'],
    ['line 1: root: expected 64 lower-case hexadecimal digits, got "12"', '{"kind":"root","root":"12"}'],
    [
      'line 2: root: expected to be published once, got it again',
      `{"kind":"root","root":"${'0'.repeat(64)}"}\n{"kind":"root","root":"${'1'.repeat(64)}"}`,
    ],
  ])('with a fault are refused: %s', (message, text) => {
    expect(parsePublished(text)).toEqual({ ok: false, message });
  });
});

describe('the command', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verify-'));
    await writeFile(join(folder, 'slots.ndjson'), slots.lines.join(''));
    await writeFile(
      join(folder, 'published.ndjson'),
      slots.publications.map((one) => `${JSON.stringify(one)}\n`).join(''),
    );
    const at = lineOf(slots.lines, 'won');
    const forged = changed(slots.lines, at, '"outcome":"won"', '"outcome":"not-drawn"');
    await writeFile(join(folder, 'forged.ndjson'), forged.join(''));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, ['local/verify.ts', ...args], (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    });

  it('says that an honest export of a rehearsal agrees with itself, and what it was compared with', async () => {
    const draw = ['--draw', join(folder, 'slots.ndjson')];
    const alone = await run(...draw);
    expect(alone.code).toBe(0);
    expect(alone.stdout).toMatch(
      /seed commitment NOT compared[\s\S]*\nREHEARSAL: .*; not compared: seed commitment, rules and odds, slot roots, export root\n$/,
    );
    expect(alone.stdout).not.toContain('VERIFIED');
    const compared = await run(
      ...draw,
      '--published',
      join(folder, 'published.ndjson'),
      '--root',
      slots.root,
    );
    expect(compared.code).toBe(0);
    expect(compared.stdout).toMatch(
      /seed commitment compared[\s\S]*slot roots {6}compared[\s\S]*\nREHEARSAL: (?!.*not compared).*\n$/,
    );
  });

  it('says which line of a forged export is at fault', async () => {
    const { code, stdout } = await run('--draw', join(folder, 'forged.ndjson'));
    const at = lineOf(slots.lines, 'won') + 1;
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`\nline ${at}: outcome: expected [\\s\\S]*\nNOT VERIFIED: \\d+ findings\n$`),
    );
  });

  it.each([
    ['without an export', [], '--draw: expected an export to check, got nothing'],
    ['with a file that is not there', ['--draw', 'nowhere.ndjson'], 'no such file'],
    [
      'with a root that is no digest',
      ['--draw', 'x', '--root', 'abc'],
      '--root: expected 64 lower-case hexadecimal digits',
    ],
    ['with an unknown option', ['--luck'], 'unknown option --luck'],
  ])('%s says so and shows how it is used', async (_, args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: npm run verify');
  });
});
