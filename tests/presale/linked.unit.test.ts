import { expect, it } from 'vitest';
import { linkMembers } from '#domain/coupons/link-members.ts';
import { isAssignedByPlan } from '#domain/experiment/assigned.ts';
import { readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { newMember, putMembers } from '#domain/members/members-table.ts';
import { emptyProfile } from '#domain/members/profile.ts';
import { emptyTallies, limitsOfSegment, mergeTallies } from '#domain/presale/audience-tallies.ts';
import type { Presale } from '#domain/presale/evaluate-for-presale.ts';
import { issueSegment } from '#domain/presale/issue-pass.ts';
import { countMember } from '#domain/presale/plan-pass.ts';
import { planPresale } from '#domain/presale/presale-plan.ts';
import { campaignSettings } from '#events/contract.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { link } from '../support/linked-world.ts';
import { memberWithOrders, START_MS } from '../support/presale-members.ts';
import { campaign, coupons } from '../support/presale-world.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';

const IDS = ['guest', 'm1', 'm2'];
const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };
const SECTION = coupons({ arms: { engine: 0, baseline: 100, control: 0 }, perMemberLimit: 1 });

it('the presale gives an alias nothing, and its member nothing beyond the limit, which counts the alias’s coupons', async () => {
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables(), sqs },
    clock: { nowMs: () => START_MS, wait: async () => {} },
  });
  const definition = campaign({ coupons: SECTION });
  const settings = campaignSettings(definition);
  await open(runtime, definition);
  const random = seededRandom(1);
  const members = IDS.map((id) => ({ ...memberWithOrders(id, random), version: 0 }));
  const presale: Presale = {
    ...{ campaignId: 'sale', startsAtMs: settings.startsAtMs, endsAtMs: settings.endsAtMs },
    ...{ coupons: SECTION, model: {} as never, idKey: idKeyIn('sale') },
  };
  const tallies = emptyTallies(SECTION, limitsOfSegment(1));
  for (const member of members) countMember(tallies, presale, member);
  const plan = planPresale(presale, mergeTallies(SECTION, [tallies]));
  const issue = (index: number, segments: number) => {
    const segment = { campaignId: 'sale', index, segments };
    return issueSegment(runtime, { presale, settings, segment }, plan, Number.POSITIVE_INFINITY);
  };
  const holders = async () => (await readGrantsOfAll(runtime, IDS, 'sale')).map(({ member }) => member);
  const linkTo = (alias: string, to: string) =>
    linkMembers(runtime, [link(alias, to, START_MS)], { nowMs: START_MS, failures: new Map() });

  await putMembers(runtime, members.slice(0, 1));
  await issue(0, 1);
  expect(await holders()).toEqual(['guest']);
  await putMembers(runtime, members.slice(1));
  await linkTo('guest', 'm1');
  // With another number of segments, the pass begins anew.
  for (const index of [0, 1]) await issue(index, 2);
  expect(await holders()).toEqual(['guest', 'm2']);
});

it('a member who became known by a link is assigned by the plan only of a sale that starts after the link', () => {
  const joined = { ...newMember('m1'), version: 1, joined: { sinceMs: START_MS, firstId: '' } };
  expect([START_MS, START_MS + 1].map((ms) => isAssignedByPlan(joined, emptyProfile(), ms))).toEqual([
    false,
    true,
  ]);
});
