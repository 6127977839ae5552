/** What is known of each output: its type, its address, and the key of ours that it provably pays. */
import type { Hex } from '../../../base/hex.ts';
import type { BitcoinNetwork } from '../../../../signers/lightning/index.ts';
import { addressOf } from '../../../../signers/lightning/address.ts';
import { outputTypeOf } from '../../../../signers/lightning/output-script.ts';
import type { UnsignedTransaction } from '../../../../signers/lightning/transaction.ts';
import type { ClassifiedOutput, JobClass } from '../classified.ts';
import type { HighestIndices, OwnScripts } from '../own-scripts.ts';

export interface OutputContext {
  readonly network: BitcoinNetwork;
  readonly ownScripts: OwnScripts;
  readonly highestIndices: HighestIndices;
  readonly class: JobClass;
  readonly channelPath: string | undefined;
  /** Path that the sender says the money goes to; believed only as far as the script agrees. */
  readonly destinationPath: string | undefined;
}

/** These pay scripts of the channel, never a wallet: looking for one would only cost time. */
const PAYS_NO_WALLET: ReadonlySet<JobClass> = new Set(['commitment', 'htlc_transaction', 'blind']);

const NONE: ReadonlyMap<Hex, string> = new Map();

export function describeOutputs(
  { outputs }: UnsignedTransaction,
  context: OutputContext,
): readonly ClassifiedOutput[] {
  const { network, ownScripts, highestIndices, channelPath, destinationPath } = context;
  const payment = channelPath === undefined ? NONE : ownScripts.payment(channelPath);
  const destination =
    destinationPath === undefined ? NONE : ownScripts.destination(destinationPath);
  return outputs.map(({ sat, script }, index) => {
    const type = outputTypeOf(script);
    const mayBeWallet = type === 'p2wpkh' && !PAYS_NO_WALLET.has(context.class);
    const ownPath =
      destination.get(script) ??
      payment.get(script) ??
      (mayBeWallet ? ownScripts.walletPath(script, highestIndices) : undefined);
    const address = ownPath === undefined ? addressOf(script, network) : undefined;
    return {
      index,
      sat,
      script,
      type,
      ...(address !== undefined && { address }),
      ...(ownPath !== undefined && { ownPath }),
    };
  });
}
