import { createHash } from 'node:crypto';

/**
 * The worker a gateway belongs to: the one with the highest hash of both names (rendezvous hashing). Every worker that knows
 * the same members comes to the same answer without asking; where one goes, only its own gateways move. Null without members.
 */
export function ownerOf(gateway: string, members: Iterable<string>): string | null {
  let best: { member: string; weight: string } | null = null;
  for (const member of members) {
    const weight = createHash('sha1').update(`${member}\n${gateway}`).digest('hex');
    if (best === null || weight > best.weight) best = { member, weight };
  }
  return best?.member ?? null;
}
