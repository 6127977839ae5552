import type { LighterRefusal } from '../../protocols/lighter/ports.ts';
/**
 * Raw keys in bodies, as clients of the Lighter signing service send them: taken out of the body,
 * turned into secrets, and never part of what is recorded.
 */
import { fromHex, isHexOf } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';

const SIZES = { private_key: 40, eth_private_key: 32 } as const;
type RawKey = keyof typeof SIZES;

interface Opened {
  /** The body without the key. */
  readonly fields: JsonObject;
  readonly key?: Secret;
}

/** Takes one key out of a body; where raw keys are not accepted, its presence is refused. */
export function takeRawKey(
  name: RawKey,
  body: JsonObject,
  accepted: boolean,
): Result<Opened, LighterRefusal> {
  const { [name]: text, ...fields } = body;
  if (text === undefined || text === null || text === '') return ok({ fields });
  if (!accepted) return err(NOT_ACCEPTED);
  const digits = typeof text === 'string' ? text.replace(/^0x/i, '').toLowerCase() : '';
  const size = SIZES[name];
  if (isHexOf(size, digits)) return ok({ fields, key: new Secret(fromHex(digits)) });
  const message = `\`${name}\` must be ${String(size)} bytes of hex`;
  return err({ kind: 'invalid', reason: { code: 'lighter.request', message } });
}

/** The seed of a key: 32 bytes or more of hex; empty or absent for a random key. */
export function readSeed(seed: string): Result<Secret | undefined, LighterRefusal> {
  if (seed === '') return ok(undefined);
  const digits = seed.replace(/^0x/i, '').toLowerCase();
  if (digits.length >= 64 && isHexOf(digits.length / 2, digits)) {
    return ok(new Secret(fromHex(digits)));
  }
  const message =
    '`seed` must be 32 bytes of hex or more; an empty one makes a random key, which is better';
  return err({ kind: 'invalid', reason: { code: 'lighter.seed', message } });
}

const NOT_ACCEPTED: LighterRefusal = {
  kind: 'forbidden',
  reason: {
    code: 'lighter.raw_key',
    message:
      'raw keys are not accepted; keep the key here and name it, or set `LIGHTER_ACCEPT_RAW_KEYS`',
  },
};
