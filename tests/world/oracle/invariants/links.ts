import type { Facts, Invariant } from '../invariant.ts';
import { eventIdOf } from '../ledger.ts';
import type { Item } from '../observation.ts';

const linkOf = (item: Item | undefined): string | undefined => item?.body?.M?.link?.M?.to?.S;

/** The id at the end of the links that begin at an id; undefined for a circle. */
const rootOf = ({ observer }: Facts, id: string): string | undefined => {
  const seen = new Set<string>();
  let at = id;
  for (let to = linkOf(observer.items('members').get(at)); to !== undefined; ) {
    if (seen.has(at)) return undefined;
    seen.add(at);
    at = to;
    to = linkOf(observer.items('members').get(at));
  }
  return at;
};

/**
 * A link that was sent has one outcome. Either it stands: then it never changes, and the member lists the alias once. Or it is
 * refused as a conflicting link.
 */
export const links: Invariant = {
  name: 'links',
  begin: (facts, report) => {
    const refused = new Set<string>();
    return {
      onStep: ({ changes, sent, atMs }) => {
        for (const { table, key, before, after } of changes) {
          const stood = table === 'members' ? linkOf(before) : undefined;
          const isErased = facts.erasures.of(key) !== undefined;
          if (stood !== undefined && linkOf(after) !== stood && !isErased)
            report(atMs, `${key}: an alias of ${stood}, and now of ${linkOf(after) ?? 'nobody'}`);
        }
        for (const { queue, body } of sent) {
          if (queue !== 'rejects') continue;
          const { reason, event } = JSON.parse(body) as {
            reason: string;
            event?: { source?: string; id?: string };
          };
          if (reason === 'conflicting-link') refused.add(eventIdOf(event!.source!, event!.id!));
        }
      },
      atEnd: ({ atMs }) => {
        const { ledger, observer } = facts;
        for (const { eventId, alias, member } of ledger.links) {
          if ([alias, member].some((id) => facts.erasures.of(id) !== undefined)) continue;
          const root = rootOf(facts, alias);
          if (root === undefined) report(atMs, `${alias}: linked in a circle`);
          const isOne = root === rootOf(facts, member);
          if (!isOne && !refused.has(eventId))
            report(atMs, `${alias}: expected to be one with ${member}, or the link to be refused`);
          if (linkOf(observer.items('members').get(alias)) === undefined) continue;
          const aliases = observer.items('members').get(root ?? '')?.body?.M?.aliases?.L ?? [];
          const times = aliases.filter(({ S: id }) => id === alias).length;
          if (times !== 1) report(atMs, `${alias}: listed ${times} times among the aliases of ${root}`);
        }
      },
    };
  },
};
