import { formatTime, parseTime } from '#events/contract.ts';
import { formatCount, formatFen, formatSeconds, formatTable } from '#local/console/format.ts';
import { InputError } from '#local/console/input-error.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { assessCampaign, planLines } from '../operate/assess-campaign.ts';
import {
  type CampaignLine,
  listCampaigns,
  openCampaignFile,
  type ShownCampaign,
  showCampaign,
  switchTo,
} from '../operate/campaigns.ts';
import { closeCampaign } from '../operate/close-campaign.ts';
import { extendCampaign } from '../operate/extend-campaign.ts';
import { TARGET_HELP, TARGET_TEXTS, targetOptions, withTarget } from '../operate/target.ts';
import { type Action, type Given, runActions, show } from './actions.ts';
import { CEILING } from './campaign-ceiling.ts';
import { INIT, INIT_HELP } from './campaign-init.ts';
import { PLAN } from './campaign-plan.ts';
import { EXIT_DONE, EXIT_FAILED } from './verb.ts';

export const CAMPAIGN_HELP = `Makes, opens, shows, pauses, resumes, limits, extends and closes campaigns.

  zhihui campaign init [FILE]              asks what the campaign is to be, and writes its definition (default: campaign.json)
  zhihui campaign validate FILE            names every fault of a definition, or of a whole presale.started event, or says what
                                           it would do: money of each arm, shards, odds, and what is probably a mistake
  zhihui campaign plan FILE                what its presale would give the known members: coupons, spend, price, expected use
                                           and further orders, members an arm needs to detect +15 %; writes nothing
  zhihui campaign open FILE                opens the campaign of a file, and waits until it takes orders
  zhihui campaign list                     every open campaign: when, and whether it is paused
  zhihui campaign show ID                  its orders, money, coupons and free orders
  zhihui campaign pause ID                 nothing more is issued, once this has answered; what was issued stays good
  zhihui campaign resume ID                lets it issue again
  zhihui campaign ceiling ID POOL FEN      limits what a pool gives; a ceiling of its whole budget lifts the limit
  zhihui campaign extend ID TIME           moves its end later; its draw of free orders ends as announced
  zhihui campaign close ID                 no more coupons, for good, once this has answered; says what was not given
${TARGET_HELP}
  --json         print everything as JSON

init: an option answers a question. Without a terminal, or with --yes or --json, nothing is asked, and where no
option is given the suggested answer is taken; only --id must be given.
${INIT_HELP}
  --yes          ask nothing
  --force        replace a file that is there

Exit status: 0 done, 1 the definition is not well formed, or has not taken effect in half a minute, 2 an option is wrong or
there is no such file, campaign or pipeline.
`;

const validate = (given: Given): number => {
  const [file] = given.operands as [string];
  const assessed = assessCampaign(file, Date.now());
  const lines = assessed.valid ? planLines(assessed.plan) : assessed.faults;
  show(given, { file, ...assessed }, lines);
  return assessed.valid ? EXIT_DONE : EXIT_FAILED;
};

const haltText = ({ pausedSince, closedSince, plannedEndsAt }: Partial<CampaignLine>): string =>
  [
    plannedEndsAt === undefined ? '' : `extended from ${plannedEndsAt}`,
    pausedSince === undefined ? '' : `paused since ${pausedSince}`,
    closedSince === undefined ? '' : `closed since ${closedSince}`,
  ]
    .filter(Boolean)
    .join(', ');

const listLines = (campaigns: readonly CampaignLine[]): string[] => {
  if (campaigns.length === 0) return ['no campaign is open'];
  const rows = campaigns.map(({ campaignId, startsAt, endsAt, phase, ...has }) => [
    campaignId,
    startsAt,
    endsAt,
    phase,
    haltText(has),
    [has.hasCoupons ? 'coupons' : '', has.hasFreeOrders ? 'free orders' : ''].filter(Boolean).join(', '),
  ]);
  return formatTable([['campaign', 'from', 'to', 'phase', 'notes', 'with'], ...rows], 'left');
};

const couponLines = ({ view: { coupons } }: ShownCampaign): string[] => {
  if (coupons === undefined) return [];
  const spentFen = coupons.budgetFen - coupons.remainingFen;
  return [
    '',
    `coupons: ${formatCount(coupons.issued)} issued, ${formatCount(coupons.redeemed)} redeemed, ${formatCount(coupons.expired)} expired`,
    `budget: ${formatFen(spentFen)} of ${formatFen(coupons.budgetFen)} spent, ${formatFen(coupons.plannedSpentFen)} planned by now`,
    ...(coupons.heldFen === undefined ? [] : [`held back by a ceiling: ${formatFen(coupons.heldFen)}`]),
    ...formatTable([
      ['arm and pool', 'budget', 'left', 'price of a fen'],
      ...coupons.pools.map(({ arm, pool, budgetFen, remainingFen, price }) => [
        `${arm}/${pool}`,
        formatFen(budgetFen),
        formatFen(remainingFen),
        price.toPrecision(4),
      ]),
    ]).map((line) => `  ${line}`),
    ...coupons.withheld.map(({ reason, count }) => `  withheld: ${reason} ${formatCount(count)}`),
    ...coupons.refused.map(({ reason, count }) => `  refused: ${reason} ${formatCount(count)}`),
  ];
};

const freeOrderLines = ({ view: { freeOrders } }: ShownCampaign): string[] =>
  freeOrders === undefined
    ? []
    : [
        '',
        `free orders: ${formatCount(freeOrders.wins)} won of ${formatCount(freeOrders.quota)}, ${formatFen(freeOrders.awardedFen)} of ${formatFen(freeOrders.budgetFen)} awarded`,
        ...freeOrders.outcomes.map(({ outcome, count }) => `  ${outcome} ${formatCount(count)}`),
        `  commitment to the seed: ${freeOrders.seedCommitment ?? 'none'}`,
        ...(freeOrders.seed === undefined ? [] : [`  seed: ${freeOrders.seed}`]),
      ];

const showLines = (shown: ShownCampaign): string[] => {
  const { definition, phase, pausedSince, closedSince, view } = shown;
  const { headline, watermarkMs, plannedEndsAtMs } = view;
  return [
    `campaign ${definition.campaignId}: ${phase}, from ${definition.startsAt} to ${formatTime(view.endsAtMs)}`,
    ...(plannedEndsAtMs === undefined
      ? []
      : [
          `extended from ${definition.endsAt}${definition.freeOrders === undefined ? '' : ', when its free orders end'}`,
        ]),
    ...(pausedSince === undefined ? [] : [`paused since ${pausedSince}: nothing is issued`]),
    ...(closedSince === undefined
      ? []
      : [
          `closed since ${closedSince}: no more coupons; ${formatFen(view.coupons?.remainingFen ?? 0)} not issued`,
        ]),
    `orders: ${formatCount(headline.orders.value)}, net ${formatFen(headline.netFen.value)}, members about ${formatCount(headline.members.value)}`,
    `complete up to: ${watermarkMs === undefined ? 'no order yet' : new Date(watermarkMs).toISOString()}`,
    ...couponLines(shown),
    ...freeOrderLines(shown),
  ];
};

const open = async (given: Given): Promise<number> => {
  const [file] = given.operands as [string];
  return withTarget(targetOptions(given.values), async (target) => {
    const opened = await openCampaignFile(target, file);
    const { campaignId, isOpen, wasOpen } = opened;
    const line = wasOpen
      ? `campaign ${campaignId} is open already, with this definition`
      : isOpen
        ? `campaign ${campaignId} is open and takes orders`
        : `campaign ${campaignId} was sent, and is not open after half a minute: zhihui rejects list says whether it was refused`;
    show(given, opened, [line]);
    return isOpen ? EXIT_DONE : EXIT_FAILED;
  });
};

const switching =
  (isPaused: boolean) =>
  async (given: Given): Promise<number> => {
    const [campaignId] = given.operands as [string];
    return withTarget(targetOptions(given.values), async (target) => {
      const switched = await switchTo(target, campaignId, isPaused);
      const { isInEffect, isSuperseded, shards, tookMs } = switched;
      const took = `${formatCount(shards)} shards, after ${formatSeconds(tookMs / SECOND_MS)}`;
      const done = isPaused
        ? `campaign ${campaignId} is paused: nothing is issued from now on (${took})`
        : `campaign ${campaignId} goes on (${took})`;
      const not = `campaign ${campaignId}: the command was sent, and is in effect for ${formatCount(switched.switched)} of ${formatCount(shards)} shards after half a minute; look at zhihui doctor`;
      const superseded = `campaign ${campaignId}: a later command of somebody else has replaced this one; look at zhihui campaign list`;
      show(given, switched, [isSuperseded ? superseded : isInEffect ? done : not]);
      return isInEffect && !isSuperseded ? EXIT_DONE : EXIT_FAILED;
    });
  };

const close = (given: Given): Promise<number> =>
  withTarget(targetOptions(given.values), async (target) => {
    const result = await closeCampaign(target, given.operands[0]!);
    const { campaignId, isInEffect, shards, closed, notIssuedFen, tookMs } = result;
    const took = `${formatCount(shards)} shards, after ${formatSeconds(tookMs / SECOND_MS)}`;
    show(given, result, [
      isInEffect
        ? `campaign ${campaignId} is closed: no coupon is issued from now on (${took})`
        : `campaign ${campaignId}: the command was sent, and is in effect for ${formatCount(closed)} of ${formatCount(shards)} shards after half a minute; look at zhihui doctor`,
      ...Object.entries(notIssuedFen).map(([budget, fen]) => `  ${budget}: ${formatFen(fen)} not issued`),
    ]);
    return isInEffect ? EXIT_DONE : EXIT_FAILED;
  });

const extend = async (given: Given): Promise<number> => {
  const [campaignId, time] = given.operands as [string, string];
  const toMs = parseTime(time);
  if (toMs === undefined)
    throw new InputError(`TIME: expected a time such as 2026-11-11T18:00:00Z, got ${JSON.stringify(time)}`);
  return withTarget(targetOptions(given.values), async (target) => {
    const result = await extendCampaign(target, campaignId, toMs);
    const { endsAt, formerlyEndedAt, freeOrdersEndAt, isInEffect, tookMs } = result;
    const took = `after ${formatSeconds(tookMs / SECOND_MS)}`;
    show(given, result, [
      isInEffect
        ? `campaign ${campaignId} ends at ${endsAt}, instead of ${formerlyEndedAt} (${took})`
        : `campaign ${campaignId}: the command was sent, and is not in effect after half a minute; zhihui rejects list says whether it was refused`,
      ...(freeOrdersEndAt === undefined ? [] : [`  its free orders end at ${freeOrdersEndAt}, as announced`]),
    ]);
    return isInEffect ? EXIT_DONE : EXIT_FAILED;
  });
};

const onTarget = (operands: readonly string[], run: (given: Given) => Promise<number>): Action => ({
  operands,
  texts: TARGET_TEXTS,
  prepare: (given) => () => run(given),
});

const ACTIONS: Readonly<Record<string, Action>> = {
  init: INIT,
  validate: { operands: ['FILE'], prepare: (given) => () => validate(given) },
  plan: PLAN,
  open: onTarget(['FILE'], open),
  list: onTarget([], (given) =>
    withTarget(targetOptions(given.values), async (target) => {
      const campaigns = await listCampaigns(target);
      show(given, campaigns, listLines(campaigns));
      return EXIT_DONE;
    }),
  ),
  show: onTarget(['ID'], (given) =>
    withTarget(targetOptions(given.values), async (target) => {
      const shown = await showCampaign(target, given.operands[0]!);
      show(given, shown, showLines(shown));
      return EXIT_DONE;
    }),
  ),
  pause: onTarget(['ID'], switching(true)),
  resume: onTarget(['ID'], switching(false)),
  ceiling: CEILING,
  extend: onTarget(['ID', 'TIME'], extend),
  close: onTarget(['ID'], close),
};

/** `zhihui campaign` as a command. */
export const campaignMain = (args: readonly string[]): Promise<number> =>
  runActions(CAMPAIGN_HELP, ACTIONS, args);
