/**
 * One signature by the library under the eyes of our kernel: every value is checked before the call, and
 * everything that comes back is compared with what was asked.
 */
import {
  type LighterKernel,
  type SigningRequest,
  transactionProblem,
} from '../../../signers/lighter/index.ts';
import { toHex } from '../../base/hex.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Clock } from '../../core/ports.ts';
import type { Abi } from './abi.ts';
import { argumentsOf, beyondLibrary, type ForeignValue } from './arguments.ts';
import { isInTime } from './expiry.ts';
import type { NewClient } from './koffi-library.ts';
import type { ProcessLibrary } from './process-library.ts';
import { type NativeTransaction, release } from './release.ts';

export interface WatchDeps {
  readonly kernel: LighterKernel;
  readonly clock: Pick<Clock, 'now'>;
}

type Client = Omit<NewClient, 'privateKey'>;

export type WatchedSigning = (
  request: SigningRequest,
  privateKey: Secret,
) => Promise<Result<NativeTransaction, Reason>>;

/** The library's `int chainId`. */
const MAX_CHAIN_ID = 2n ** 31n - 1n;

/** What the library is called with for a transaction, or why it cannot be asked for it. */
export function callOf(abi: Abi, request: SigningRequest): Result<readonly ForeignValue[], Reason> {
  const values = argumentsOf(abi, request);
  if (!values.ok) return values;
  if (request.chainId > MAX_CHAIN_ID) return beyondLibrary('takes a chain id below 2^31');
  if (accountOf(request) === 0n) return beyondLibrary('takes no account 0');
  return values;
}

export function createWatchedSigning(
  { foreign, slots }: ProcessLibrary,
  abi: Abi,
  { kernel, clock }: WatchDeps,
): WatchedSigning {
  const now = (): bigint => BigInt(clock.now());

  return async (request, privateKey) => {
    const problem = transactionProblem(request);
    if (problem !== undefined) return err(problem);
    const values = callOf(abi, request);
    if (!values.ok) return values;

    const publicKey = kernel.publicKey(privateKey);
    const client: Client = {
      chainId: Number(request.chainId),
      account: accountOf(request),
      apiKey: Number(request.transaction.ApiKeyIndex),
    };
    const slot = `${String(client.account)}/${String(client.apiKey)}`;
    return slots.use(slot, `${String(client.chainId)}/${toHex(publicKey)}`, {
      install: () => install(client, privateKey),
      work: async () => {
        const called = now();
        if (!isInTime(called, request.transaction.ExpiredAt)) return tooLate();
        const answer = await foreign.sign(request.name, values.value);
        return release(kernel, { request, publicKey, called, returned: now() }, answer);
      },
    });
  };

  async function install(client: Client, key: Secret): Promise<Result<void, Reason>> {
    const privateKey = key.reveal(terminatedHex);
    try {
      const complaint = await foreign.createClient({ ...client, privateKey });
      // The complaint may quote the key.
      return complaint === null
        ? ok(undefined)
        : beyondLibrary('refuses this account, slot or key');
    } finally {
      privateKey.fill(0);
    }
  }
}

function tooLate(): Result<never, Reason> {
  const message =
    "lighter's library would let the transaction expire later than was decided; send the request again";
  return err({ code: 'lighter.native_expiry', message });
}

/** Hex digits and a zero, as C has its texts; in bytes, which can be wiped. */
function terminatedHex(bytes: Uint8Array): Uint8Array {
  const digits = new Uint8Array(2 * bytes.length + 1);
  bytes.forEach((byte, index) => {
    digits[2 * index] = hexDigit(byte >> 4);
    digits[2 * index + 1] = hexDigit(byte & 15);
  });
  return digits;
}

const DIGIT_0 = 0x30;
const LETTER_A = 0x61;

function hexDigit(value: number): number {
  return value < 10 ? DIGIT_0 + value : LETTER_A + value - 10;
}

function accountOf({ transaction }: SigningRequest): bigint {
  return 'FromAccountIndex' in transaction
    ? transaction.FromAccountIndex
    : transaction.AccountIndex;
}
