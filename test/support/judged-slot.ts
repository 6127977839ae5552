/**
 * One slot of an account whose requests are judged as the core does it: state moves where a part is
 * allowed, knowledge in any case.
 */
import {
  createLighterKernel,
  type TransactionName,
  type Transactions,
} from '../../signers/lighter/index.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { ok, type Result } from '../../src/base/result.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { Judgement } from '../../src/core/protocol.ts';
import type { LighterClient } from '../../src/protocols/lighter/clients.ts';
import { createGuard } from '../../src/protocols/lighter/guard.ts';
import type { SignerTraits } from '../../src/protocols/lighter/guard/judge-transaction.ts';
import { readSignerInputs, type TransactionInputs } from '../../src/protocols/lighter/inputs.ts';
import { createOperations } from '../../src/protocols/lighter/operations.ts';
import type {
  LighterPart,
  NonceWish,
  TransactionPart,
} from '../../src/protocols/lighter/request.ts';
import { goodRequests } from './good-lighter-requests.ts';
import { keyVector } from './lighter-vectors.ts';

export const kernel = createLighterKernel();

export const client: LighterClient = {
  chainId: 304n,
  account: 123n,
  apiKey: 5n,
  publicKey: keyVector(0).publicKey,
  keyId: 'lighter/304/123/5',
};

/** The only wallet that is not kept. */
export const UNKNOWN_WALLET = 'wallet/ff';

/** 2026-01-01, in milliseconds. */
export const T0 = 1_767_225_600_000n;

export const named = (nonce: bigint, skip = false): NonceWish => ({
  mode: 'explicit',
  nonce,
  skip,
});

/** A good transaction of the slot, with some fields replaced, before it has a nonce. */
export function partOf<Name extends TransactionName>(
  name: Name,
  nonce: NonceWish = { mode: 'skip' },
  changes: Partial<Transactions[Name]> = {},
): TransactionPart {
  const transaction = { ...goodRequests[name].transaction, ...changes };
  const fields = Object.fromEntries(
    Object.entries(transaction).filter(([field]) => field !== 'Nonce' && field !== 'ExpiredAt'),
  );
  // SAFETY: the good request of a name has the fields of that name.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return {
    kind: 'transaction',
    id: 'a',
    subEvent: 'SIGN',
    client,
    name,
    fields,
    nonce,
    claims: {},
  } as unknown as TransactionPart;
}

/** An order that differs from others by the index that the client gave it. */
export function order(nonce: NonceWish, clientIndex = 1n): TransactionPart {
  return partOf('CreateOrder', nonce, { ClientOrderIndex: clientIndex });
}

export function cancel(nonce: NonceWish, index = 1n): TransactionPart {
  return partOf('CancelOrder', nonce, { Index: index });
}

export interface SlotOptions {
  readonly repeatable?: boolean;
  readonly objectionTo?: NonNullable<SignerTraits['objectionTo']>;
  readonly now?: bigint;
}

export interface Slot {
  now: bigint;
  generation: bigint;
  clockStep: number | undefined;
  /** Judges and, if it is allowed, keeps what the judgement changes. */
  readonly judge: (part: LighterPart) => Judgement;
  /** What is signed, or the code of the first reason why not. */
  readonly ask: (part: LighterPart) => TransactionInputs | string;
  /** What is signed, or a failure of the test. */
  readonly signed: (part: LighterPart) => TransactionInputs;
  readonly operate: (
    operation: 'acknowledge' | 'rollback' | 'refresh' | 'reserve',
    args?: JsonObject,
  ) => Result<string, Reason>;
  /** What a backup would hold, and how it comes back. */
  readonly backup: () => ReadonlyMap<string, JsonObject>;
  readonly restore: (backup: ReadonlyMap<string, JsonObject>) => void;
  readonly documents: () => ReadonlyMap<string, JsonObject>;
}

export function createSlot({
  repeatable = true,
  objectionTo = () => undefined,
  now = T0,
}: SlotOptions = {}): Slot {
  const guard = createGuard({
    kernel,
    signer: { lifetime: 599_000n, repeatable, objectionTo },
    hasWallet: (id) => id !== UNKNOWN_WALLET,
  });
  const operations = createOperations({ find: () => ok(client) });
  let state = new Map<string, JsonObject>();
  let drawn = 0;

  const context = () => ({
    now: Number(slot.now),
    generation: slot.generation,
    caller: 'test',
    entropy: () => new Uint8Array(64).fill((drawn += 1)),
    ...(slot.clockStep === undefined ? {} : { clockStep: slot.clockStep }),
  });
  const viewOf = (reads: readonly string[]) =>
    new Map(
      reads.flatMap((key) => {
        const document = state.get(key);
        return document === undefined ? [] : [[key, document] as const];
      }),
    );

  const slot: Slot = {
    now,
    generation: 0n,
    clockStep: undefined,
    judge(part) {
      const judgement = guard.judge(part, viewOf(guard.reads(part)), context());
      const isAllowed = reasonsOf(judgement).length === 0;
      state = new Map([
        ...state,
        ...judgement.knowledge,
        ...(isAllowed ? judgement.changes : new Map<string, JsonObject>()),
      ]);
      return judgement;
    },
    ask(part) {
      const judgement = slot.judge(part);
      const [reason] = reasonsOf(judgement);
      if (reason !== undefined) return reason.code;
      const inputs = readSignerInputs(judgement.inputs);
      if (inputs.kind !== 'transaction') throw new Error('not a transaction');
      return inputs;
    },
    signed(part) {
      const inputs = slot.ask(part);
      if (typeof inputs === 'string') throw new Error(`refused: ${inputs}`);
      return inputs;
    },
    operate(name, args = {}) {
      const operation = operations[name];
      if (operation === undefined) throw new Error(`no operation ${name}`);
      const asked = { account: client.account, key: client.apiKey, ...args };
      const plan = operation.plan(asked);
      if (!plan.ok) return plan;
      const applied = operation.apply(asked, viewOf(plan.value.reads), context());
      if (!applied.ok) return applied;
      state = new Map([...state, ...applied.value.changes]);
      return ok(applied.value.message);
    },
    backup: () => new Map(state),
    restore(backup) {
      state = new Map(backup);
      slot.generation += 1n;
    },
    documents: () => state,
  };
  return slot;
}

export function reasonsOf({ findings }: Judgement): readonly Reason[] {
  return findings.flatMap(({ violations, doubts }) => [...violations, ...doubts]);
}
