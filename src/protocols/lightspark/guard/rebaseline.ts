/** The operator's word on which secret of a channel may leave next, where we lost count of them. */
import { err, ok, type Result } from '../../../base/result.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { Operation } from '../../../core/protocol.ts';
import { isCommitmentIndex, parsePath } from '../../../../signers/lightning/index.ts';
import { documentKey, openLedger } from './ledger.ts';
import { rebaseline } from './revocation-order.ts';

interface Rebaseline {
  readonly channelPath: string;
  readonly index: bigint;
}

/** Arguments: `channel` (a path such as `m/3/7`) and `index` (the next secret that may leave). */
export const rebaselineOperation: Operation = {
  about: 'accepts an index as the next per-commitment secret of a channel that may be released',
  plan(args) {
    const read = readArguments(args);
    if (!read.ok) return read;
    const documents = [documentKey('main', 'channel', read.value.channelPath)];
    return ok({ lanes: documents, reads: documents });
  },
  apply(args, state, context) {
    const read = readArguments(args);
    if (!read.ok) return read;
    const { channelPath, index } = read.value;
    const ledger = openLedger('main', state, context);
    const channel = ledger.channels.get(channelPath);
    if (channel === undefined) {
      const message = `nothing is recorded of \`${channelPath}\`: its first release is its baseline; check the path`;
      return err({ code: 'unknown_channel', message });
    }
    const accepted = rebaseline(channel, index);
    if (!accepted.ok) return accepted;
    ledger.channels.change(channelPath, () => accepted.value);
    const { changes } = ledger.written();
    const message = `the next secret of \`${channelPath}\` that may be released is that of index \`${String(index)}\``;
    return ok({ message, changes });
  },
};

function readArguments({ channel, index }: JsonObject): Result<Rebaseline, Reason> {
  const path = parsePath(typeof channel === 'string' ? channel : '');
  if (!path.ok || path.value.use.kind !== 'channel') {
    const message = '`channel` must be the path of a channel, such as `m/3/7`';
    return err({ code: 'rebaseline_arguments', message });
  }
  if (typeof index !== 'bigint' || !isCommitmentIndex(index)) {
    const message = '`index` must be an integer from 0 to 2^48 - 1';
    return err({ code: 'rebaseline_arguments', message });
  }
  return ok({ channelPath: path.value.text, index });
}
