/** The seed of a validator's mnemonic: BIP39 with English words, which carry a checksum. */
import { mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

import { fromHex, isHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

/** EIP-2333 takes no shorter seed. */
const LEAST_SEED_DIGITS = 64;

/**
 * The seed of 12 to 24 words, or the seed itself in hex, which has no passphrase. The words may stand
 * any number of blanks apart, in either case. The caller disposes of the seed.
 */
export async function readSeed(text: string, passphrase: string): Promise<Result<Secret, Reason>> {
  const words = text.trim().toLowerCase().split(/\s+/);
  const [first = ''] = words;
  if (words.length === 1 && first.length >= LEAST_SEED_DIGITS && isHex(first)) {
    if (passphrase !== '')
      return refuse('a seed in hex has no passphrase; it is in the seed already');
    return ok(new Secret(fromHex(first)));
  }
  const mnemonic = words.join(' ');
  if (!validateMnemonic(mnemonic, wordlist)) {
    return refuse(
      `not a mnemonic: ${String(words.length)} words of which one is wrong, or the checksum; it has 12, 15, 18, 21 or 24 English words`,
    );
  }
  return ok(new Secret(await mnemonicToSeed(mnemonic, passphrase)));
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'bls.mnemonic', message });
}
