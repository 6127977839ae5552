/** What a job means if it asks for a channel's announcement, which is no transaction at all. */
import { fromHex } from '../../../base/hex.ts';
import { isChainOf, readAnnouncements } from '../../../../signers/lightning/announcement.ts';
import { digestsAskedFor, type Meaning, type Question } from './meaning.ts';

/**
 * Only the funding key signs announcements, and no field is meant for their bytes: wherever they came
 * along, a digest that matches proves them. A funding spend cannot pass for one: where the chain hash
 * would have to stand, the bytes behind a transaction's digest are hashes themselves (BIP143).
 */
export function ofAnnouncement({ job, use, ownKey, network }: Question): Meaning | undefined {
  if (use.kind !== 'channel_key' || use.key !== 'funding') return undefined;
  const wanted = digestsAskedFor(job);
  const announcement = [job.transaction, job.script]
    .flatMap((hint) => (hint === undefined ? [] : readAnnouncements(fromHex(hint))))
    .find(({ digest }) => wanted.includes(digest));
  if (announcement === undefined) return undefined;
  const { digest, shortChannelId, fundingKeys, chainHash } = announcement;
  return {
    class: 'channel_announcement',
    details: { shortChannelId },
    digest,
    violations: [],
    doubts: [
      ...(fundingKeys.includes(ownKey) ? [] : ['own_key_not_in_script' as const]),
      ...(isChainOf(network, chainHash) ? [] : ['wrong_chain' as const]),
      ...(job.mulTweak === undefined ? [] : ['unexpected_tweaks' as const]),
    ],
  };
}
