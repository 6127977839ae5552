/** sign: every operation of a Lightning seed on each curve, beside the official library. */
import { randomBytes } from 'node:crypto';

import {
  createLightningKeys,
  type Curve,
  FIRST_COMMITMENT_INDEX,
  type LightningKeys,
  loadTinyCurve,
  nobleCurve,
} from '../signers/lightning/index.ts';
import { loadNativeCurve } from '../src/adapters/native-curve.ts';
import { equalBytes } from '../src/base/bytes.ts';
import { Secret } from '../src/base/secret.ts';
import { chooseFastestCurve } from '../src/compose/curve.ts';
import { createOfficialKeys, type OfficialKeys } from '../test/support/crypto-wasm.ts';
import { type Contender, type Effort, race, workClock } from './measure.ts';
import type { Report, Row } from './report.ts';

type Keys = Pick<LightningKeys, keyof OfficialKeys & keyof LightningKeys>;

/** One operation; `turn` counts up, so that an answer is never one that was given before. */
interface Operation {
  readonly what: string;
  readonly run: (keys: Keys, turn: number) => Uint8Array;
}

const CHANNEL = 'm/3/77';
const PEER = nobleCurve.publicKey(tweak(3));
const MUL_AND_ADD = { mul: tweak(1), add: tweak(2) };
const ADD = { add: tweak(4) };

const OPERATIONS: readonly Operation[] = [
  {
    what: 'derive and sign',
    run: (keys, turn) => keys.sign(`${CHANNEL}/0`, digest(turn)),
  },
  {
    what: 'derive, add, sign',
    run: (keys, turn) => keys.sign(`${CHANNEL}/4`, digest(turn), ADD),
  },
  {
    what: 'derive, mul, add, sign',
    run: (keys, turn) => keys.sign(`${CHANNEL}/1`, digest(turn), MUL_AND_ADD),
  },
  {
    what: 'per-commitment point',
    run: (keys, turn) => keys.perCommitmentPoint(CHANNEL, FIRST_COMMITMENT_INDEX - BigInt(turn)),
  },
  {
    what: 'per-commitment secret',
    run: (keys, turn) => keys.perCommitmentSecret(CHANNEL, FIRST_COMMITMENT_INDEX - BigInt(turn)),
  },
  { what: 'ECDH', run: (keys) => keys.sharedSecret(PEER) },
  { what: 'invoice signature', run: (keys, turn) => keys.signInvoice(digest(turn)).signature },
  { what: 'preimage', run: (keys, turn) => keys.preimage(digest(turn)) },
];

export async function benchSign(effort: Effort): Promise<Report> {
  const seed = randomBytes(64);
  const { reason } = await chooseFastestCurve();
  const keys: readonly { readonly name: string; readonly keys: Keys }[] = [
    { name: 'crypto-wasm', keys: createOfficialKeys(seed) },
    { name: 'noble', keys: lightningKeys(seed, nobleCurve) },
    { name: 'tiny', keys: lightningKeys(seed, await loadTinyCurve()) },
    // Where there is no binary of it, `reason` says so.
    ...(await loadNativeCurve().then(
      (curve) => [{ name: 'native', keys: lightningKeys(seed, curve) }],
      () => [],
    )),
  ];
  const rows: Row[] = [];
  for (const operation of OPERATIONS) {
    refuseDifference(
      operation,
      keys.map((contender) => contender.keys),
    );
    const contenders = keys.map(({ name, keys }) => contender(name, keys, operation));
    const rates = await race(contenders, effort, workClock);
    rows.push({
      what: operation.what,
      unit: '/s',
      cells: rates.map((rounds, index) => ({ contender: contenders[index]?.name ?? '', rounds })),
    });
  }
  return {
    subject: 'sign',
    about: `operations per second of processor, keys of the channel cached, every answer new (${reason})`,
    rows,
    budgets: [],
  };
}

function contender(name: string, keys: Keys, { run }: Operation): Contender {
  let turn = 0;
  return {
    name,
    run(operations) {
      for (const end = turn + operations; turn < end; turn += 1) run(keys, turn);
    },
  };
}

/** A faster answer that is another answer is not worth timing. */
function refuseDifference({ what, run }: Operation, all: readonly Keys[]): void {
  const [official, ...ours] = all.map((keys) => run(keys, 1));
  if (official === undefined || ours.some((answer) => !equalBytes(answer, official))) {
    throw new Error(`the answers differ for \`${what}\``);
  }
}

function lightningKeys(seed: Uint8Array, curve: Curve): LightningKeys {
  return createLightningKeys(new Secret(seed.slice()), curve);
}

function digest(turn: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(4, turn);
  return bytes;
}

/** A valid scalar. */
function tweak(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}
