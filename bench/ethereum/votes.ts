/** What validators are asked to sign: each votes once in each epoch, all of one slot alike. */
import { createDutyReader, NETWORKS } from '../../signers/bls12381/index.ts';
import type { Hex } from '../../src/base/hex.ts';
import { type JsonObject, stringifyJson } from '../../src/base/json.ts';
import { attestation } from '../../test/support/duties.ts';
import type { Validator } from './validators.ts';

/** A POST, and how many signatures its answer must hold. */
export interface Call {
  readonly path: string;
  readonly body: string;
  readonly signatures: number;
}

export interface Votes {
  /** One call for each validator: the members of each slot's committees, slot after slot. */
  readonly epoch: () => readonly Call[];
  /** All in the same slot, as if each had its duty there. */
  readonly slot: () => readonly Call[];
  /** One call for so many validators. */
  readonly batches: (size: number) => readonly Call[];
}

const SLOTS = 32n;
const readDuty = createDutyReader(NETWORKS.mainnet);

/** Epochs rise from call to call, so that no vote is refused. */
export function createVotes(validators: readonly Validator[]): Votes {
  let epoch = 1n;

  function* committees(): Generator<readonly [JsonObject, readonly Validator[]]> {
    const size = Math.ceil(validators.length / Number(SLOTS));
    for (let place = 0; place * size < validators.length; place += 1) {
      const members = validators.slice(place * size, (place + 1) * size);
      yield [voteOf(epoch, BigInt(place)), members];
    }
    epoch += 1n;
  }

  return Object.freeze({
    epoch: () =>
      [...committees()].flatMap(([vote, members]) => {
        const body = stringifyJson(vote);
        return members.map((member) => callOf(member, body));
      }),
    slot() {
      const body = stringifyJson(voteOf(epoch, 0n));
      epoch += 1n;
      return validators.map((validator) => callOf(validator, body));
    },
    batches(size: number) {
      const calls: Call[] = [];
      for (let from = 0; from < validators.length; from += size) {
        const some = validators.slice(from, from + size);
        const identifiers = some.map(({ pubkey }) => `0x${pubkey}`);
        const vote = voteOf(epoch, BigInt(calls.length));
        calls.push({
          path: '/api/v1/eth2/sign',
          body: stringifyJson({ ...vote, identifiers }),
          signatures: some.length,
        });
      }
      epoch += 1n;
      return calls;
    },
  } satisfies Votes);
}

/** As clients send it: with the root that they expect to be signed. */
function voteOf(epoch: bigint, place: bigint): JsonObject {
  const slot = SLOTS * epoch + place;
  const vote = attestation(epoch, { slot, head: slot });
  return { ...vote, signingRoot: `0x${rootOf(vote)}` };
}

export function rootOf(vote: JsonObject): Hex {
  const duty = readDuty('ATTESTATION', vote);
  if (!duty.ok) throw new Error(duty.error.message);
  return duty.value.signingRoot;
}

function callOf({ pubkey }: Validator, body: string): Call {
  return { path: `/api/v1/eth2/sign/0x${pubkey}`, body, signatures: 1 };
}
