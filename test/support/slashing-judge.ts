/**
 * Everything that left the signer, judged as the chain would: each signature by the library alone, and
 * any two messages of a key by the slashing conditions of consensus-specs.
 */
import { createDutyReader, type Network } from '../../signers/bls12381/index.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { verifies } from './bls-signatures.ts';

type Signed =
  | { readonly kind: 'block'; readonly slot: bigint; readonly root: string }
  | {
      readonly kind: 'attestation';
      readonly source: bigint;
      readonly target: bigint;
      readonly root: string;
    };

export interface SlashingJudge {
  /** Takes note of a signature; throws where it is none of this key and message. */
  readonly witness: (pubkey: string, body: JsonObject, signature: string) => void;
  /** Pairs of messages for which a key can be slashed, in words. */
  readonly offences: () => readonly string[];
  readonly count: () => number;
}

export function createSlashingJudge(network: Network): SlashingJudge {
  const readDuty = createDutyReader(network);
  const signedBy = new Map<string, Map<string, Signed>>();

  function witness(pubkey: string, body: JsonObject, signature: string): void {
    const duty = readDuty(body['type'], body);
    if (!duty.ok) throw new Error(duty.error.message);
    const { signingRoot: root, slashable } = duty.value;
    if (!verifies(pubkey, root, signature)) throw new Error('a signature is not valid');
    if (slashable === undefined) return;
    const own = signedBy.get(pubkey) ?? new Map<string, Signed>();
    own.set(root, { ...slashable, root });
    signedBy.set(pubkey, own);
  }

  function offences(): readonly string[] {
    return [...signedBy].flatMap(([pubkey, own]) => {
      const all = [...own.values()];
      return all.flatMap((one, index) =>
        all.slice(index + 1).flatMap((other) => {
          const offence = offenceOf(one, other) ?? offenceOf(other, one);
          return offence === undefined ? [] : [`${pubkey.slice(0, 8)}: ${offence}`];
        }),
      );
    });
  }

  return Object.freeze({
    witness,
    offences,
    count: () => [...signedBy.values()].reduce((sum, own) => sum + own.size, 0),
  });
}

/** `is_slashable_attestation_data`, and two blocks of one slot. */
function offenceOf(one: Signed, other: Signed): string | undefined {
  if (one.kind === 'block') {
    if (other.kind !== 'block' || one.slot !== other.slot) return undefined;
    return `two blocks of slot ${String(one.slot)}`;
  }
  if (other.kind === 'block') return undefined;
  if (one.target === other.target) return `two votes for ${String(one.target)}`;
  return one.source < other.source && other.target < one.target
    ? `${String(one.target)} surrounds ${String(other.target)}`
    : undefined;
}
