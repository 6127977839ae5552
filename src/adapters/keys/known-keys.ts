/** The keys there are, from every source, as they may be shown to anyone. */
import { err, ok, type Result } from '../../base/result.ts';
import type { EnvironmentKey, KeyKind, StoredKey } from '../../core/key-storage.ts';
import type { Reason } from '../../core/outcome.ts';
import type { FrozenKeys } from './frozen-keys.ts';
import { fingerprintOf, isKeyId, type KeyFile } from './key-files.ts';

/** A key as it is listed, but for its state. */
export type KnownKey = Omit<StoredKey, 'state'>;

/** Fails on an environment key that its kind does not allow, and on two keys that are one. */
export function knownKeys(
  files: readonly KeyFile[],
  environment: readonly EnvironmentKey[],
  kinds: readonly KeyKind[],
): Result<readonly KnownKey[], Reason> {
  const known: KnownKey[] = files.map(({ id, kind, file, fingerprint }) => {
    return { id, kind, origin: file, fingerprint };
  });
  for (const key of environment) {
    const { id, kind } = key;
    const twin = files.find((file) => file.id === id);
    if (twin !== undefined) {
      return refuse(`key \`${id}\` is in the environment and in \`${twin.file}\`; remove one`);
    }
    const fingerprint = fingerprintOf(key, kinds);
    if (!fingerprint.ok) return refuse(`key \`${id}\`: ${fingerprint.error.message}`);
    known.push({ id, kind, origin: 'environment', fingerprint: fingerprint.value });
  }
  for (const [index, key] of known.entries()) {
    const distinct = checkDistinct(key, known.slice(0, index));
    if (!distinct.ok) return distinct;
  }
  return ok(known);
}

/** Whether a new key may have its id, and whether it is new: `keys.occupied` or `keys.duplicate` if not. */
export function checkFree(
  key: Pick<KnownKey, 'id' | 'fingerprint'>,
  known: readonly KnownKey[],
): Result<void, Reason> {
  const { id } = key;
  if (!isKeyId(id)) {
    const message = `\`${id}\` is not a key id; use lower-case letters, digits and hyphens with a slash between`;
    return err({ code: 'keys.id', message });
  }
  if (known.some((other) => other.id === id)) {
    const message = `there is a key \`${id}\` already; give the new one another id`;
    return err({ code: 'keys.occupied', message });
  }
  const distinct = checkDistinct(key, known);
  return distinct.ok ? distinct : err({ ...distinct.error, code: 'keys.duplicate' });
}

/** One secret under two names would be signed with by the laxer rules of the two. */
function checkDistinct(
  { id, fingerprint }: Pick<KnownKey, 'id' | 'fingerprint'>,
  known: readonly KnownKey[],
): Result<void, Reason> {
  const same = known.find((key) => key.fingerprint === fingerprint);
  if (same === undefined) return ok(undefined);
  return refuse(`key \`${id}\` is the same secret as key \`${same.id}\`; give each id its own`);
}

export function withState(key: KnownKey, frozen: FrozenKeys): StoredKey {
  return { ...key, state: frozen.has(key.id) ? 'frozen' : 'active' };
}

export function unknownKey(id: string, known: readonly KnownKey[]): Reason {
  const ids = known.map((key) => `\`${key.id}\``).join(', ');
  const choice = known.length === 0 ? 'there are none' : `there are ${ids}`;
  return { code: 'keys.unknown', message: `no key \`${id}\`; ${choice}` };
}

function refuse(message: string): Result<never, Reason> {
  return err({ code: 'keys.source', message });
}
