/** Signing jobs with the meaning of their bytes, worked out once per request. */
import type { BitcoinNetwork, LightningKeys } from '../../../../signers/lightning/index.ts';
import type { ClassifiedJob } from '../classified.ts';
import { classify } from '../classify.ts';
import type { LightsparkRequest, SigningJob } from '../events.ts';
import { createOwnScripts, type HighestIndices, type OwnScripts } from '../own-scripts.ts';
import type { WalletRecord } from '../state.ts';
import { paysWallet } from './documents.ts';

export interface ClassifiedJobs {
  /** Without any memory: what tells which documents a request needs. */
  readonly of: (request: LightsparkRequest) => readonly ClassifiedJob[];
  /**
   * With the wallets' counts, so that more outputs are recognised as our own. Asked for once, by the
   * judge: a request may wait long for its delivery, and need not hold this as long.
   */
  readonly withWallet: (
    request: LightsparkRequest,
    wallet: WalletRecord | undefined,
  ) => readonly ClassifiedJob[];
}

export function createClassifiedJobs(keys: LightningKeys): ClassifiedJobs {
  const remembered = new WeakMap<LightsparkRequest, readonly ClassifiedJob[]>();
  const ownScripts = new Map<BitcoinNetwork, OwnScripts>();

  function ownScriptsOn(network: BitcoinNetwork): OwnScripts {
    const known = ownScripts.get(network) ?? createOwnScripts(keys, network);
    ownScripts.set(network, known);
    return known;
  }

  function classifyOn(network: BitcoinNetwork, highestIndices: HighestIndices) {
    const context = { ownScripts: ownScriptsOn(network), highestIndices };
    return (job: SigningJob): ClassifiedJob => classify(job, keys, network, context);
  }

  function of(request: LightsparkRequest): readonly ClassifiedJob[] {
    if (request.name !== 'DERIVE_KEY_AND_SIGN') return [];
    const known = remembered.get(request);
    if (known !== undefined) return known;
    const jobs = request.payload.jobs.map(classifyOn(request.network, {}));
    remembered.set(request, jobs);
    return jobs;
  }

  return Object.freeze({
    of,
    withWallet(request, wallet) {
      if (request.name !== 'DERIVE_KEY_AND_SIGN') return [];
      const jobs = of(request);
      remembered.delete(request);
      const highest = wallet === undefined ? {} : countsOf(wallet);
      if (Object.keys(highest).length === 0) return jobs;
      const again = classifyOn(request.network, highest);
      return jobs.map((job, place) => {
        const asked = request.payload.jobs[place];
        return asked !== undefined && paysWallet(job) && hasUnknownOutput(job) ? again(asked) : job;
      });
    },
  } satisfies ClassifiedJobs);
}

function hasUnknownOutput({ transaction }: ClassifiedJob): boolean {
  return transaction?.outputs.some(({ ownPath }) => ownPath === undefined) ?? false;
}

function countsOf({ highest }: WalletRecord): HighestIndices {
  return Object.fromEntries(
    Object.entries(highest).map(([chain, index]) => [chain, Number(index)]),
  );
}
