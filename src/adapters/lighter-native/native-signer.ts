/**
 * Lighter's official library as a signer. Nothing that it signs leaves before our own kernel has made
 * the same hash of the same fields and verified the signature; `docs/lighter-native.md` says when to
 * use it, ADR 7 what it cannot do.
 */
import type { SigningRequest } from '../../../signers/lighter/index.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Secret } from '../../base/secret.ts';
import type { Reason } from '../../core/outcome.ts';
import { describeError } from '../observe/describe-error.ts';
import { abiOf } from './abi.ts';
import { type AdmittedLibrary, admitLibrary, type LibraryPin } from './admit-library.ts';
import { type LibraryLock, readLibraryLock } from './library-lock.ts';
import { type LibraryPlace, locateLibrary } from './locate-library.ts';
import { probe, type ProbeDeps } from './probe.ts';
import { openProcessLibrary, type ProcessLibrary } from './process-library.ts';
import type { NativeTransaction } from './release.ts';
import { unusable } from './unusable.ts';
import { callOf, createWatchedSigning } from './watched-signing.ts';

export interface NativeSignerOptions {
  readonly place: LibraryPlace;
  readonly pin: LibraryPin;
  /** Absent: the lock file of this version. */
  readonly lock?: LibraryLock;
}

export interface NativeSigner {
  readonly library: AdmittedLibrary;
  /** Why it could not sign that now, as far as can be told beforehand. */
  readonly objectionTo: (request: SigningRequest) => Reason | undefined;
  /**
   * Signs, or says why not; `ExpiredAt` of the request is the latest expiry that the transaction may
   * have (`latestExpiry`), and the result has its actual one. Not repeatable: each call dates and signs
   * anew, so an answer must be stored before it leaves. The private key stays in the library's memory
   * until the process ends.
   */
  readonly sign: (
    request: SigningRequest,
    privateKey: Secret,
  ) => Promise<Result<NativeTransaction, Reason>>;
}

/** For the probe of a process that has not signed yet: mainnet. */
const PROBE_CHAIN = 304n;

/** Finds, admits, opens and tries the library. */
export async function createNativeSigner(
  { place, pin, lock = readLibraryLock() }: NativeSignerOptions,
  deps: ProbeDeps,
): Promise<Result<NativeSigner, Reason>> {
  const path = locateLibrary(place);
  if (!path.ok) return path;
  const admitted = await admitLibrary(path.value, pin, lock);
  if (!admitted.ok) return admitted;
  const library = await open(admitted.value);
  if (!library.ok) return library;

  const shared = library.value;
  const abi = abiOf(admitted.value.abi);
  const sign = createWatchedSigning(shared, abi, deps);
  const tried = await probe(sign, abi, shared.chainId ?? PROBE_CHAIN, deps);
  if (!tried.ok) return tried;

  return ok(
    Object.freeze({
      library: admitted.value,
      objectionTo(request) {
        const { chainId = request.chainId } = shared;
        const call =
          chainId === request.chainId ? callOf(abi, request) : otherChain(chainId, request.chainId);
        return call.ok ? undefined : call.error;
      },
      sign(request, privateKey) {
        shared.chainId ??= request.chainId;
        return shared.chainId === request.chainId
          ? sign(request, privateKey)
          : Promise.resolve(otherChain(shared.chainId, request.chainId));
      },
    } satisfies NativeSigner),
  );
}

async function open({ path, abi }: AdmittedLibrary): Promise<Result<ProcessLibrary, Reason>> {
  try {
    return ok(await openProcessLibrary(path, abi));
  } catch (error) {
    return unusable(
      `\`${path}\` cannot be loaded as a library of generation \`${abi}\` ` +
        `(${describeError(error).message}); it needs a system with glibc, macOS or Windows: ` +
        'run `npm run lighter:native` for the official one',
    );
  }
}

function otherChain(chainId: bigint, asked: bigint): Result<never, Reason> {
  const message =
    `lighter's library keeps one chain for the whole process, here \`${String(chainId)}\`, not ` +
    `\`${String(asked)}\`; run another daemon for that chain or set \`LIGHTER_BACKEND=kernel\``;
  return err({ code: 'lighter.native_chain', message });
}
