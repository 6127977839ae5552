/** What an operator may do to the room's state by name. */
import { z } from 'zod';

import { err, ok, type Result } from '../../base/result.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Operations } from '../../core/protocol.ts';
import { isCommitmentIndex, parsePath } from '../../../signers/lightning/index.ts';
import { documentKey, openLedger } from './guard/ledger.ts';
import { rebaseline } from './guard/revocation-order.ts';

interface Baseline {
  /** Canonical `m/3/C`. */
  readonly channelPath: string;
  /** The next per-commitment secret that may be released. */
  readonly index: bigint;
}

export const operations: Operations = {
  rebaseline: {
    about: 'accept a gap in the order in which the secrets of a channel are released',
    plan(args) {
      const baseline = readBaseline(args);
      if (!baseline.ok) return baseline;
      const document = documentKey('main', 'channel', baseline.value.channelPath);
      return ok({ lanes: [document], reads: [document] });
    },
    apply(args, state, context) {
      const baseline = readBaseline(args);
      if (!baseline.ok) return baseline;
      const { channelPath, index } = baseline.value;
      const ledger = openLedger('main', state, context);
      const channel = ledger.channels.get(channelPath);
      if (channel === undefined) {
        return refuse('unknown_channel', `nothing was signed for \`${channelPath}\` so far`);
      }
      const rebaselined = rebaseline(channel, index);
      if (!rebaselined.ok) return rebaselined;
      ledger.channels.change(channelPath, () => rebaselined.value);
      const message = `secrets of \`${channelPath}\` may be released from index \`${String(index)}\` on`;
      return ok({ message, changes: ledger.written().changes });
    },
  },
};

const baselineSchema = z.strictObject({
  channel: z.string(),
  index: z.bigint().refine(isCommitmentIndex),
});

const ARGUMENTS =
  '`channel` must be a path such as `m/3/1234`, and `index` an integer from 0 to 2^48 - 1';

function readBaseline(args: JsonObject): Result<Baseline, Reason> {
  const read = baselineSchema.safeParse(args);
  if (!read.success) return refuse('arguments', ARGUMENTS);
  const path = parsePath(read.data.channel);
  if (!path.ok || path.value.use.kind !== 'channel') return refuse('arguments', ARGUMENTS);
  return ok({ channelPath: path.value.use.channelPath, index: read.data.index });
}

function refuse(code: string, message: string): Result<never, Reason> {
  return err({ code, message });
}
