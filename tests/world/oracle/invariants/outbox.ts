import type { Facts, Invariant, Report, Seen } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';

const QUEUE = 'grants';

type Published = { type: string; id: string; data: { grantId: string; memberId: string; amountFen: number } };

const nameOf = (id: string, member: string): string => `${id} of ${member}`;

class Outbox {
  readonly granted = new Set<string>();
  readonly revoked = new Set<string>();
  readonly grants = new Map<string, SeenGrant>();

  publish({ type, data }: Published, atMs: number, report: Report): void {
    const name = nameOf(data.grantId, data.memberId);
    const grant = this.grants.get(name);
    const isRevocation = type.endsWith('.revoked');
    if (grant === undefined) report(atMs, `${name}: published, but never committed`);
    else if (type.endsWith('.reduced')) {
      if (data.amountFen >= grant.faceFen)
        report(
          atMs,
          `${name}: published as reduced to ${data.amountFen} fen, committed with ${grant.faceFen}`,
        );
      return;
    } else if (grant.faceFen !== data.amountFen)
      report(atMs, `${name}: published with ${data.amountFen} fen, committed with ${grant.faceFen}`);
    else if (isRevocation && grant.state !== 'revoked')
      report(atMs, `${name}: published as revoked, is ${grant.state}`);
    (isRevocation ? this.revoked : this.granted).add(name);
  }
}

const begin = ({ observer }: Facts, report: Report) => {
  const outbox = new Outbox();
  return {
    onStep: ({ grantChanges, sent, atMs }: Seen) => {
      for (const { after } of grantChanges) outbox.grants.set(nameOf(after.id, after.member), after);
      for (const { queue, body } of sent) {
        if (queue !== QUEUE) continue;
        for (const published of JSON.parse(body) as Published[]) outbox.publish(published, atMs, report);
      }
    },
    atEnd: ({ atMs }: { atMs: number }) => {
      for (const { id, member, state } of allGrants(observer)) {
        const name = nameOf(id, member);
        if (!outbox.granted.has(name)) report(atMs, `${name}: committed, but never published`);
        if (state === 'revoked' && !outbox.revoked.has(name))
          report(atMs, `${name}: revoked, but the revocation was never published`);
      }
    },
  };
};

/** The outbox gets exactly what is committed: nothing before its commit, and in the end every grant and revocation. */
export const outbox: Invariant = { name: 'outbox', begin };
