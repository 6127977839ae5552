/** What is to be said of a transaction before it is signed, and the nonce that it takes. */
import { toHex } from '../../../base/hex.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { Judgement, StateView } from '../../../core/protocol.ts';
import {
  hashTransaction,
  type LighterKernel,
  type SigningRequest,
  transactionProblem,
} from '../../../../signers/lighter/index.ts';
import type { FactValues } from '../facts/order-facts.ts';
import { actionOf, transactionFacts } from '../facts/transaction-facts.ts';
import type { TransactionInputs } from '../inputs.ts';
import { reserve, type Reserved } from '../nonces/reserve.ts';
import {
  blockKey,
  givenKey,
  readBlock,
  withRecord,
  writeBlock,
  writeGiven,
} from '../nonces/signed-nonces.ts';
import { max, openStream, type Stream, streamKey, writeStream } from '../nonces/stream.ts';
import type { TransactionPart } from '../request.ts';
import { contentOf, filledTransaction, type Filling, isCancel } from '../transaction.ts';
import { doubtOfClock, type GuardContext, requestFacts } from './context.ts';
import { signerViolations, walletViolations } from './who-signs.ts';

/** What a decision must know of who will sign. */
export interface SignerTraits {
  /** Milliseconds from the decision to `ExpiredAt`, at most; 610,000 is the most it can be. */
  readonly lifetime: bigint;
  /** The same inputs give the same bytes. */
  readonly repeatable: boolean;
  /** Why it cannot sign what the exchange would take; absent: it signs all of that. */
  readonly objectionTo?: (request: SigningRequest) => Reason | undefined;
}

export interface Circumstances {
  readonly kernel: LighterKernel;
  readonly signer: SignerTraits;
  readonly hasWallet: (keyId: string) => boolean;
  readonly state: StateView;
  readonly context: GuardContext;
}

export function judgeTransaction(part: TransactionPart, around: Circumstances): Judgement {
  const { state, context } = around;
  const key = streamKey(part.client);
  const { stream, isRestored } = openStream(state.get(key), context);
  const { violations, doubts, reserved } = opinionOn(part, stream, around);
  const settled = reserved && settle(part, reserved, stream, around);
  return {
    findings: [
      {
        id: part.id,
        action: actionOf(part.name),
        facts: { ...requestFacts(part, context), ...factsOf(part, reserved, around) },
        violations,
        doubts,
      },
    ],
    changes: settled?.changes ?? new Map<string, JsonObject>(),
    knowledge: new Map(isRestored ? [[key, writeStream(stream, context)]] : []),
    inputs: settled?.inputs ?? {},
    alarms: [...(isRestored ? [RESTORED] : []), ...gapAlarms(reserved)],
  };
}

interface Opinion {
  /** Proofs that it must not be signed. */
  readonly violations: readonly Reason[];
  /** What is not known. */
  readonly doubts: readonly Reason[];
  /** Its nonce, where nothing but doubts speaks against it. */
  readonly reserved?: Reserved;
}

function opinionOn(part: TransactionPart, stream: Stream, around: Circumstances): Opinion {
  const request = foreseen(part, around);
  const wrong = [
    ...fieldViolations(request, around),
    ...signerViolations(part),
    ...walletViolations(part, request, around),
  ];
  const clock = doubtOfClock(stream, around.context);
  if (wrong.length > 0) return { violations: wrong, doubts: clock };
  const taken = takeNonce(part, stream, around);
  if (taken.ok) {
    // A signature that is given out again rests on no clock.
    const doubts = taken.value.kind === 'repeat' ? [] : clock;
    return { violations: [], doubts, reserved: taken.value };
  }
  return UNKNOWN.has(taken.error.code)
    ? { violations: [], doubts: [...clock, taken.error] }
    : { violations: [taken.error], doubts: clock };
}

/** Refusals that say what we do not know, rather than what must not be. */
const UNKNOWN: ReadonlySet<string> = new Set(['lighter.nonce_unknown', 'lighter.nonce_restored']);

/** The transaction before it has a nonce, but for one that is named: others hardly matter to its limits. */
function foreseen(part: TransactionPart, around: Circumstances): SigningRequest {
  const nonce = part.nonce.mode === 'explicit' ? part.nonce.nonce : 0n;
  return filledTransaction(part, { nonce, skip: isSkipping(part), ...datesOf(around) });
}

function fieldViolations(request: SigningRequest, { signer }: Circumstances): readonly Reason[] {
  const found = transactionProblem(request) ?? signer.objectionTo?.(request);
  return found === undefined ? [] : [{ code: found.code, message: found.message }];
}

function datesOf({ signer, context }: Circumstances): Pick<Filling, 'at' | 'expiredAt'> {
  const at = BigInt(context.now);
  return { at, expiredAt: at + signer.lifetime };
}

function isSkipping({ nonce }: TransactionPart): boolean {
  return nonce.mode === 'skip' || (nonce.mode === 'explicit' && nonce.skip);
}

function takeNonce(
  part: TransactionPart,
  stream: Stream,
  { kernel, signer, state, context }: Circumstances,
): ReturnType<typeof reserve> {
  const { nonce: wish, client } = part;
  const isNamed = wish.mode === 'explicit';
  const applicant = {
    wish,
    isCancel: isCancel(part),
    repeatable: signer.repeatable,
    contentOn: (nonce: bigint, skip: boolean) => contentOf(kernel, part, { nonce, skip }),
  };
  const records = isNamed ? readBlock(state.get(blockKey(client, wish.nonce))) : [];
  const reserved = reserve(applicant, stream, records, BigInt(context.now));
  const isLost = reserved.ok && reserved.value.kind === 'repeat' && !signer.repeatable;
  return isLost ? err(NOT_REPEATABLE) : reserved;
}

interface Settled {
  readonly inputs: TransactionInputs;
  readonly changes: ReadonlyMap<string, JsonObject>;
}

/** What is to be stored with the decision: for the signer, and for requests to come. */
function settle(
  part: TransactionPart,
  reserved: Reserved,
  before: Stream,
  around: Circumstances,
): Settled {
  const { kernel, state, context } = around;
  const { client } = part;
  const hashOf = (filling: Filling) =>
    toHex(hashTransaction(kernel, filledTransaction(part, filling)));
  if (reserved.kind === 'repeat') {
    const { nonce, skip, at, expiredAt, entropy, hash } = reserved.record;
    if (hashOf(reserved.record) !== hash) throw new Error('a repeat is not what was signed');
    const inputs = { kind: 'transaction', nonce, skip, at, expiredAt, entropy, hash } as const;
    return { inputs, changes: new Map() };
  }
  const { nonce, skip, content } = reserved;
  const filling = { nonce, skip, ...datesOf(around) };
  const entropy = toHex(context.entropy());
  const signed = { ...filling, entropy, hash: hashOf(filling) };
  const stream = { ...reserved.stream, seenAt: max(before.seenAt, filling.at) };
  const changes = new Map([[streamKey(client), writeStream(stream, context)]]);
  if (content === undefined) {
    changes.set(givenKey(client, nonce), writeGiven(nonce, signed.hash));
  } else {
    const key = blockKey(client, nonce);
    const record = { ...signed, content, term: stream.term, isCancel: isCancel(part) };
    changes.set(key, writeBlock(withRecord(readBlock(state.get(key)), record, stream)));
  }
  return { inputs: { kind: 'transaction', ...signed }, changes };
}

function factsOf(
  part: TransactionPart,
  reserved: Reserved | undefined,
  around: Circumstances,
): FactValues {
  const isRepeat = reserved?.kind === 'repeat';
  const given = isRepeat ? reserved.record : reserved;
  const { at, expiredAt } = isRepeat ? reserved.record : datesOf(around);
  const skip = isSkipping(part);
  const { sameOwner, oraclePrice } = part.claims;
  const request = filledTransaction(part, { nonce: given?.nonce ?? 0n, skip, at, expiredAt });
  return {
    ...(given === undefined ? {} : { nonce: given.nonce }),
    nonce_mode: part.nonce.mode,
    skip_nonce: skip,
    nonce_gap: reserved?.kind === 'new' ? reserved.gap : 0n,
    repeated: isRepeat,
    lifetime_ms: expiredAt - BigInt(around.context.now),
    ...transactionFacts(request, {
      at,
      sameOwner,
      oraclePrice,
      countersigned: part.wallet !== undefined,
    }),
  };
}

const NOT_REPEATABLE: Reason = {
  code: 'lighter.nonce_reserved',
  message:
    'the same transaction was signed before, and its signer cannot repeat itself; ask under the same id, or acknowledge it',
};

const RESTORED: Reason = {
  code: 'lighter.restored',
  message:
    'an older database came back: nonces jump a day ahead in mode `skip`, and wait for a refresh elsewhere',
};

function gapAlarms(reserved: Reserved | undefined): readonly Reason[] {
  if (reserved?.kind !== 'new' || reserved.gap === 0n) return [];
  const message = `nonce \`${String(reserved.nonce)}\` leaves ${String(reserved.gap)} unused below it; the exchange refuses it until they are used`;
  return [{ code: 'lighter.nonce_gap', message }];
}
