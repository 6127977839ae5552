/**
 * The trial of a library before it signs for anybody: one transaction of each type, by a key that is
 * thrown away. An argument that the library takes for another shows in a field or in the hash.
 */
import type { SigningRequest, TransactionName } from '../../../signers/lighter/index.ts';
import { ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Random } from '../../core/ports.ts';
import type { Abi } from './abi.ts';
import { reaches } from './arguments.ts';
import { latestExpiry } from './expiry.ts';
import { type Probes, probeTransactions } from './probe-transactions.ts';
import { unusable } from './unusable.ts';
import type { WatchDeps, WatchedSigning } from './watched-signing.ts';

export interface ProbeDeps extends WatchDeps {
  readonly random: Pick<Random, 'entropy'>;
}

/** The transactions that a library of that generation must be able to sign. */
export async function probe(
  sign: WatchedSigning,
  abi: Abi,
  chainId: bigint,
  { kernel, clock, random }: ProbeDeps,
): Promise<Result<void, Reason>> {
  using wide = new Secret(random.entropy());
  using privateKey = kernel.derivePrivateKey(wide);
  const now = BigInt(clock.now());
  const transactions = probeTransactions({
    now,
    expiredAt: latestExpiry(now),
    publicKey: kernel.publicKey(privateKey),
  });
  for (const request of requestsOf(transactions, abi, chainId)) {
    const signed = await sign(request, privateKey);
    if (!signed.ok) {
      return unusable(
        `the library fails its trial at \`${request.name}\`: ${signed.error.message}`,
      );
    }
  }
  return ok(undefined);
}

/** Requests without the attributes that it does not know. */
function requestsOf(probes: Probes, abi: Abi, chainId: bigint): readonly SigningRequest[] {
  // SAFETY: `Probes` has exactly the names of transactions as its keys.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const names = Object.keys(probes) as readonly TransactionName[];
  return names.map((name) => {
    const { L2TxAttributes, ...fields } = probes[name];
    const known = Object.entries(L2TxAttributes).filter(([attribute]) =>
      reaches(abi, name, attribute),
    );
    const transaction = { ...fields, L2TxAttributes: Object.fromEntries(known) };
    return { name, chainId, transaction };
  });
}
