/**
 * Secrets by which the counterparty revoked its commitments (BOLT 3, "Efficient Per-commitment
 * Secret Storage"), and the justice tweaks that follow from them.
 */
import { fromHex, type Hex, toHex } from '../../../base/hex.ts';
import type { Reason } from '../../../core/outcome.ts';
import {
  channelKeyPath,
  emptySecretStore,
  insertSecret,
  type LightningKeys,
  lookupSecret,
  nobleCurve,
  revocationTweaks,
  type SecretStore,
} from '../../../../signers/lightning/index.ts';
import type { Ledger } from './ledger.ts';

/** Revoked commitments that are tried where the number of the spent one is not known. */
const TRIED = 16n;

/** Keeps a revealed secret under the entity it came with; one that contradicts older ones is refused. */
export function keepRevealed(
  { revealed }: Ledger,
  entityId: string,
  { index, secret }: { readonly index: bigint; readonly secret: Hex },
): readonly Reason[] {
  const inserted = insertSecret(secretsOf(revealed.get(entityId)), index, secret);
  if (!inserted.ok) return [REVEALED_SECRET_INCONSISTENT];
  revealed.learn(entityId, (current) =>
    secretsOf(current) === inserted.value ? current : { secrets: inserted.value },
  );
  return [];
}

export interface JusticeTweaks {
  readonly channelPath: string;
  readonly add: Hex;
  readonly mul: Hex;
  /** Index of the spent commitment, if its number is known. */
  readonly index?: bigint;
}

/** Whether both tweaks of a justice job follow from a revealed secret. */
export function isJusticeVerified(
  { revealed }: Ledger,
  entityId: string,
  tweaks: JusticeTweaks,
  keys: LightningKeys,
): boolean {
  const basepoint = keys.publicKey(channelKeyPath(tweaks.channelPath, 'revocation'));
  const secrets = secretsOf(revealed.get(entityId));
  const indices = tweaks.index === undefined ? latestIndices(secrets) : [tweaks.index];
  return indices.some((index) => {
    const secret = lookupSecret(secrets, index);
    if (secret === undefined) return false;
    const { mul, add } = revocationTweaks(nobleCurve, basepoint, fromHex(secret));
    return toHex(mul) === tweaks.mul && toHex(add) === tweaks.add;
  });
}

function latestIndices(secrets: SecretStore): readonly bigint[] {
  const held = secrets.flatMap((slot) => (slot === null ? [] : [slot.index]));
  const [first, ...others] = held;
  if (first === undefined) return [];
  const latest = others.reduce((lowest, index) => (index < lowest ? index : lowest), first);
  return Array.from({ length: Number(TRIED) }, (_, place) => latest + BigInt(place));
}

function secretsOf(record: { readonly secrets: SecretStore } | undefined): SecretStore {
  return record?.secrets ?? emptySecretStore;
}

const REVEALED_SECRET_INCONSISTENT: Reason = {
  code: 'revealed_secret_inconsistent',
  message: 'a revealed secret does not fit the ones before it; the older ones are kept',
};
