/** What callers and operators may tell the room of its nonces, by name. */
import { z } from 'zod';

import type { JsonObject } from '../../base/json.ts';
import { hexOf, integer } from '../../base/request-fields.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { JudgeContext, Operation, Operations, StateView } from '../../core/protocol.ts';
import type { LighterClients } from './clients.ts';
import { hold } from './nonces/give.ts';
import { HIGHEST_NONCE } from './nonces/limits.ts';
import { refresh, type Restated, rollBack } from './nonces/restate.ts';
import { acknowledge, type Known } from './nonces/settle.ts';
import {
  blockKey,
  givenKey,
  readBlock,
  readGiven,
  type SignedNonces,
  writeBlock,
} from './nonces/signed-nonces.ts';
import { openStream, streamKey, type StreamOwner, writeStream } from './nonces/stream.ts';

const nonce = integer({ about: 'The nonce that is meant.', min: 0n, max: HIGHEST_NONCE });

/** How operators name the key whose nonces are meant. */
export const nonceOwner = {
  account: integer({ about: 'The account.', min: 0n, max: 2n ** 48n - 2n }),
  key: integer({ about: 'Index of its API key.', min: 0n, max: 254n }),
  /** Chain id; may be left out where only one chain has a client in that slot. */
  chain: integer({
    about: '304 is mainnet, 300 testnet.',
    min: 1n,
    max: 2n ** 32n - 1n,
  }).exactOptional(),
};

const acknowledgement = z.strictObject({
  ...nonceOwner,
  nonce,
  status: z.enum(['accepted', 'rejected', 'failed']),
  tx_hash: hexOf(40, { about: 'The transaction that is meant.' }).exactOptional(),
});

const MOST_RESERVED = 50n;

/** At most as many as the exchange takes in one batch. */
const reservation = z.strictObject({
  ...nonceOwner,
  count: integer({ about: 'How many.', min: 1n, max: MOST_RESERVED }),
  mode: z.enum(['skip', 'strict']).default('skip'),
});

interface Changed extends Restated {
  /** For programs. */
  readonly details?: JsonObject;
  /** Of the named nonce's block, where it changed. */
  readonly records?: SignedNonces;
}

interface OwnerArguments {
  readonly account: bigint;
  readonly key: bigint;
  readonly chain?: bigint;
  readonly nonce?: bigint;
}

interface NonceOperation<Arguments extends OwnerArguments> {
  readonly about: string;
  readonly schema: z.ZodType<Arguments>;
  /** What the arguments must be, for who got them wrong. */
  readonly usage: string;
  readonly change: (args: Arguments, known: Known) => Result<Changed, Reason>;
}

export function createOperations({ find }: Pick<LighterClients, 'find'>): Operations {
  function operation<Arguments extends OwnerArguments>({
    about,
    schema,
    usage,
    change,
  }: NonceOperation<Arguments>): Operation {
    function read(
      args: JsonObject,
    ): Result<{ readonly args: Arguments; readonly owner: StreamOwner }, Reason> {
      const parsed = schema.safeParse(args);
      if (!parsed.success) return err({ code: 'arguments', message: usage });
      const { account, key: apiKey, chain: chainId } = parsed.data;
      const client = find({ account, apiKey, ...(chainId === undefined ? {} : { chainId }) });
      return client.ok ? ok({ args: parsed.data, owner: client.value }) : client;
    }

    return {
      about,
      plan(given) {
        const asked = read(given);
        if (!asked.ok) return asked;
        const { args, owner: of } = asked.value;
        const stream = streamKey(of);
        const onNonce =
          args.nonce === undefined ? [] : [blockKey(of, args.nonce), givenKey(of, args.nonce)];
        return ok({ lanes: [stream], reads: [stream, ...onNonce] });
      },
      apply(given, state, context) {
        const asked = read(given);
        if (!asked.ok) return asked;
        const changed = change(asked.value.args, knownOf(asked.value, state, context));
        if (!changed.ok) return changed;
        const { stream, records, message, details } = changed.value;
        const { args, owner: of } = asked.value;
        const changes = new Map([[streamKey(of), writeStream(stream, context)]]);
        if (args.nonce !== undefined && records !== undefined) {
          changes.set(blockKey(of, args.nonce), writeBlock(records));
        }
        return ok({ message, changes, ...(details === undefined ? {} : { details }) });
      },
    };
  }

  return {
    acknowledge: operation({
      about: 'say how a transaction ended, so that its nonce is settled',
      schema: acknowledgement,
      usage: `${OWNER}; \`nonce\` an integer, \`status\` one of accepted, rejected, failed, and \`tx_hash\`, if given, 80 hex digits`,
      change: ({ nonce: acknowledged, status, tx_hash: hash }, known) =>
        acknowledge(
          { nonce: acknowledged, ending: status, ...(hash === undefined ? {} : { hash }) },
          known,
        ),
    }),
    rollback: operation({
      about: 'give back the newest nonce, if it was only reserved',
      schema: z.strictObject({ ...nonceOwner, nonce }),
      usage: `${OWNER}; \`nonce\` an integer`,
      change: ({ nonce: newest }, { stream, records }) => rollBack(stream, newest, records),
    }),
    refresh: operation({
      about: 'say which nonce the exchange expects next',
      schema: z.strictObject({ ...nonceOwner, next_nonce: nonce }),
      usage: `${OWNER}; \`next_nonce\` as the exchange's \`nextNonce\` gives it`,
      change: ({ next_nonce: next }, { stream, now }) => refresh(stream, next, now),
    }),
    reserve: operation({
      about: 'set a row of nonces aside, to be named one by one',
      schema: reservation,
      usage: `${OWNER}; \`count\` from 1 to ${String(MOST_RESERVED)}, and \`mode\`, if given, skip or strict`,
      change({ count, mode }, { stream, now }) {
        const held = hold(stream, mode, { count, now });
        if (!held.ok) return held;
        const { nonce: from, stream: after } = held.value;
        const to = from + count - 1n;
        const message = `nonces \`${String(from)}\` to \`${String(to)}\` are reserved for ten minutes`;
        return ok({ stream: after, message, details: { from, to } });
      },
    }),
  };
}

const OWNER = '`account` and `key` must be integers, as `chain` if it is given';

interface Asked {
  readonly args: OwnerArguments;
  readonly owner: StreamOwner;
}

function knownOf({ args, owner: of }: Asked, state: StateView, context: JudgeContext): Known {
  const { nonce: named } = args;
  return {
    stream: openStream(state.get(streamKey(of)), context).stream,
    records: named === undefined ? [] : readBlock(state.get(blockKey(of, named))),
    given: named === undefined ? undefined : readGiven(state.get(givenKey(of, named)), named),
    now: BigInt(context.now),
  };
}
