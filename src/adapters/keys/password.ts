/** Which bytes a password stands for (EIP-2335, "Password requirements"). */
import { utf8, utf8Text } from '../../base/bytes.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';

/** NFKD, then C0, DEL and C1 control codes dropped, then UTF-8. The caller disposes of the result. */
export function normalizePassword(password: Secret): Result<Secret, Reason> {
  const normal = password.reveal(normalize);
  if (normal === undefined) return refuse('the password is not valid UTF-8; save it as UTF-8 text');
  if (normal.length === 0)
    return refuse('the password is empty; choose one of 12 characters or more');
  return ok(new Secret(normal));
}

/**
 * Whether a password has the form of those that `keys-password.ts` makes: 256 random bits in hex, which
 * no number of guesses finds. People who choose a password choose another form.
 */
export function isRandomPassword(password: Secret): boolean {
  return password.reveal((bytes) => bytes.length === 64 && bytes.every(isHexDigit));
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
}

function normalize(bytes: Uint8Array): Uint8Array | undefined {
  // ASCII is its own NFKD form; unlike a string, these bytes can be wiped.
  if (bytes.every((byte) => byte < 0x80)) {
    return bytes.filter((byte) => byte >= 0x20 && byte !== 0x7f);
  }
  const text = utf8Text(bytes);
  return text === undefined ? undefined : utf8(text.normalize('NFKD').replace(/\p{Cc}/gu, ''));
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'keys.password', message });
}
