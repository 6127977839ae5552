/** Signing jobs with the meaning of their bytes. */
import type { BitcoinNetwork, LightningKeys } from '../../../../signers/lightning/index.ts';
import type { ClassifiedJob } from '../classified.ts';
import { classify } from '../classify.ts';
import type { LightsparkRequest, SigningJob } from '../events.ts';
import { createOwnScripts, type HighestIndices, type OwnScripts } from '../own-scripts.ts';
import type { WalletRecord } from '../state.ts';
import { paysWallet } from './documents.ts';

export interface ClassifiedJobs {
  /** Without any memory: what tells which documents a request needs. */
  readonly asSent: (request: LightsparkRequest) => readonly ClassifiedJob[];
  /** The same with the wallets' counts, so that more outputs are recognised as our own. */
  readonly withWallet: (
    request: LightsparkRequest,
    jobs: readonly ClassifiedJob[],
    wallet: WalletRecord | undefined,
  ) => readonly ClassifiedJob[];
}

export function createClassifiedJobs(keys: LightningKeys): ClassifiedJobs {
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

  return Object.freeze({
    asSent: (request) =>
      request.name === 'DERIVE_KEY_AND_SIGN'
        ? request.payload.jobs.map(classifyOn(request.network, {}))
        : [],
    withWallet(request, jobs, wallet) {
      if (request.name !== 'DERIVE_KEY_AND_SIGN') return jobs;
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
