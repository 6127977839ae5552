/** What operators ask of slashing protection; anything unknown is an error, so that a typo is not ignored. */
import { z } from 'zod';

import { hexOf, integer } from '../../base/request-fields.ts';

const uint64 = (about: string): z.ZodType<bigint> =>
  integer({ about, min: 0n, max: 2n ** 64n - 1n });
const pubkey = hexOf(48, { about: 'Public key of the validator.' });

export const moment = z.strictObject({ slot: uint64('Slot.'), epoch: uint64('Epoch.') });

export const watermarks = moment.extend({
  keys: z
    .union([z.literal('all'), z.array(pubkey)], { error: 'must be `all` or public keys' })
    .meta({ description: 'The keys that are meant, or `all`.' }),
});

/** Without one it is asked for a message that was never signed. */
const signingRoot = hexOf(32, {
  about: 'Signing root of the message; absent: of one that was never signed.',
}).prefault('00'.repeat(32));

export const question = z.union(
  [
    z.strictObject({
      pubkey,
      slot: uint64('Slot of the block.'),
      signing_root: signingRoot,
    }),
    z.strictObject({
      pubkey,
      source_epoch: uint64('Epoch of the source.'),
      target_epoch: uint64('Epoch of the target.'),
      signing_root: signingRoot,
    }),
  ],
  { error: 'give `pubkey` with `slot`, or with `source_epoch` and `target_epoch`' },
);
