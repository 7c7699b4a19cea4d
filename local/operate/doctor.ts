import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { readDefinition } from '#domain/campaigns/campaigns-table.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { readPausedAhead } from '#domain/pacing/pause-ahead.ts';
import { formatCount, formatSeconds } from '#local/console/format.ts';
import { sumOf } from '#platform/collections.ts';
import { MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { settingsOf } from './campaign-settings.ts';
import { listCampaigns } from './campaigns.ts';
import { depthsOf } from './queue-peek.ts';
import type { Target } from './target.ts';

/** Something that needs attention: what it is about, what is wrong, and the command or the place that helps. */
export type Finding = { subject: string; finding: string; advice: string };

/** With this many messages waiting in a queue, the function that processes it is behind. */
const BACKLOG_MESSAGES = 1_000;
/** How far the figures may be behind before it is reported. */
const LAG_MS_MAX = 5 * MINUTE_MS;
/** A budget of which less than this share is left is nearly spent. */
const LOW_SHARE = 0.02;

const ofQueues = async (target: Target): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const { name, url, deadLettersUrl } of target.workQueues) {
    const { waiting } = await depthsOf(target, url);
    if (waiting >= BACKLOG_MESSAGES)
      findings.push({
        subject: `queue ${name}`,
        finding: `about ${formatCount(waiting)} messages wait`,
        advice: 'the function is slow, throttled or failing: read its log, and raise its concurrency',
      });
    const dead = await depthsOf(target, deadLettersUrl);
    if (dead.waiting > 0)
      findings.push({
        subject: `queue ${name}`,
        finding: `${formatCount(dead.waiting)} dead letters`,
        advice: `mend the cause, which the function's log names, and run zhihui dead-letters redrive ${name}`,
      });
  }
  const { waiting: rejects } = await depthsOf(target, target.output('RejectsQueueUrl'));
  if (rejects > 0)
    findings.push({
      subject: 'rejects',
      finding: `about ${formatCount(rejects)} events were refused`,
      advice: 'zhihui rejects list names the reasons; mend the producer, then zhihui rejects redrive',
    });
  return findings;
};

const ofBudgets = async ({ runtime }: Target, campaignId: string): Promise<Finding[]> => {
  const definition = await readDefinition(runtime, campaignId);
  const totalFen = sumOf(definition?.coupons?.budgets.map((budget) => budget.totalFen) ?? []);
  if (totalFen === 0) return [];
  const remaining = await readBudgets(runtime, campaignId);
  const leftFen = sumOf([...remaining].flatMap(([key, shards]) => (key.startsWith('free/') ? [] : shards)));
  if (leftFen >= totalFen * LOW_SHARE) return [];
  const share = `${((100 * leftFen) / totalFen).toFixed(1)} %`;
  return [
    {
      subject: `campaign ${campaignId}`,
      finding: `${share} of the coupon budget is left`,
      advice:
        'members get no more coupons once it is spent: a budget cannot be raised, but another campaign can be opened',
    },
  ];
};

const ofCampaigns = async (target: Target): Promise<Finding[]> => {
  const { runtime } = target;
  const nowMs = runtime.clock.nowMs();
  const findings: Finding[] = [];
  for (const { campaignId, phase, pausedSince } of await listCampaigns(target)) {
    if (pausedSince !== undefined) {
      const isByItself = (await readPausedAhead(runtime, campaignId)) === Date.parse(pausedSince);
      const why = isByItself ? ', automatically, because more was spent than planned' : '';
      findings.push({
        subject: `campaign ${campaignId}`,
        finding: `paused since ${pausedSince}${why}: nothing is issued`,
        advice: `zhihui campaign resume ${campaignId}`,
      });
    }
    if (phase !== 'live') continue;
    findings.push(...(await ofBudgets(target, campaignId)));
    const { pendingFromMs } = await readTotal(runtime, await settingsOf(target, campaignId));
    const lagMs = pendingFromMs === undefined ? 0 : nowMs - pendingFromMs;
    if (lagMs > LAG_MS_MAX)
      findings.push({
        subject: `campaign ${campaignId}`,
        finding: `figures are complete only up to ${formatSeconds(lagMs / SECOND_MS)} ago`,
        advice: 'the metrics or rollup function is behind: look at their queues and logs',
      });
  }
  return findings;
};

/** Examines queues, rejects, dead letters, campaigns, budgets and the completeness of figures. No findings: all is well. */
export const examine = async (target: Target): Promise<Finding[]> => [
  ...(await ofQueues(target)),
  ...(await ofCampaigns(target)),
];
