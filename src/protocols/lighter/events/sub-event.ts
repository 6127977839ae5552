/**
 * One kind of request: its fields and their description, and the transaction or token that it means.
 * The table of all kinds is `sub-events.ts`; REST routes and the API's description are made of it.
 */
import { z } from 'zod';

import { integer, integerOr } from '../../../base/request-fields.ts';
import type { TransactionName } from '../../../../signers/lighter/index.ts';
import type { Hex } from '../../../base/hex.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { ClientWish, LighterClient, LighterClients } from '../clients.ts';
import type { AuthTokenPart, LighterPart, TransactionPart } from '../request.ts';
import type { FieldProblem, ReadingProblem } from './field-problem.ts';
import { nonceFields, nonceWish } from './nonce-fields.ts';

/** Choices of the operator that fill what a caller leaves open. */
export interface LighterDefaults {
  /** How a nonce is found where the caller sends −1 or none. */
  readonly nonceMode: 'strict' | 'skip';
}

export interface ReadingDeps {
  readonly clients: LighterClients;
  readonly defaults: LighterDefaults;
}

type Unnamed<Part> = Part extends unknown ? Omit<Part, 'id'> : never;

/** A part that has no id yet. */
export type Draft = Unnamed<LighterPart>;

/** How answers name things: as the Lighter signing service does, or as an in-browser signer. */
export type Dialect = 'rest' | 'action';

interface Description {
  /** As in `sub_event_type`; the REST path is the same in lower case. */
  readonly name: string;
  readonly dialect: Dialect;
  readonly title: string;
  readonly about: string;
}

/** Something that an API key signs. */
export interface SigningSubEvent extends Description {
  readonly kind: 'signing';
  /** The action of policy and of scopes. */
  readonly action: string;
  /** Fields as a caller sends them. */
  readonly schema: z.ZodObject;
  /** Whether the L1 wallet may have to sign as well. */
  readonly countersigned: boolean;
  readonly read: (data: unknown, deps: ReadingDeps) => Result<Draft, ReadingProblem>;
}

/** Something that nobody but the L1 wallet can do. */
interface WalletSubEvent extends Description {
  readonly kind: 'wallet';
  readonly reason: Reason;
}

export type SubEvent = SigningSubEvent | WalletSubEvent;

interface Particulars<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly action: string;
  readonly dialect?: Dialect;
  /** The name by which records know it, where it is not `name`. */
  readonly canonical?: string;
  /** The slot of callers who name none; absent: every caller names one. */
  readonly usualSlot?: bigint;
  readonly shape: Shape;
}

type Asked<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/** `refused` where fields that are good each for itself do not go together. */
type Made<Value> = Value | { readonly refused: FieldProblem };

/** What a transaction is made of, beside its nonce. */
interface Making<Name extends TransactionName> {
  readonly fields: Extract<TransactionPart, { readonly name: Name }>['fields'];
  readonly wallet?: string;
  readonly claims?: TransactionPart['claims'];
}

export interface TransactionParticulars<
  Name extends TransactionName,
  Shape extends z.ZodRawShape,
> extends Particulars<Shape> {
  readonly transaction: Name;
  readonly make: (asked: Asked<Shape>, client: LighterClient) => Made<Making<Name>>;
  /** The key that signs, where it may be one that is not its slot's yet. */
  readonly signedBy?: (asked: Asked<Shape>) => Hex | undefined;
}

/** Ties the parts of a row together, so that another row may be made of it. */
export function row<Name extends TransactionName, Shape extends z.ZodRawShape>(
  particulars: TransactionParticulars<Name, Shape>,
): TransactionParticulars<Name, Shape> {
  return particulars;
}

/** The same transaction asked for by other fields. */
export function reworded<Name extends TransactionName, Shape extends z.ZodRawShape>(
  base: Pick<
    TransactionParticulars<Name, z.ZodRawShape>,
    'name' | 'title' | 'about' | 'action' | 'transaction'
  >,
  words: Pick<TransactionParticulars<Name, Shape>, 'shape' | 'make'>,
): TransactionParticulars<Name, Shape> {
  const { name, title, about, action, transaction: meant } = base;
  return { name, title, about, action, transaction: meant, ...words };
}

/** A kind of request that means one transaction. */
export function transaction<Name extends TransactionName, Shape extends z.ZodRawShape>(
  kind: TransactionParticulars<Name, Shape>,
): SigningSubEvent {
  const { slot, own } = schemasOf(kind);
  const nonces = z.object(nonceFields);

  function read(data: unknown, deps: ReadingDeps): Result<Draft, ReadingProblem> {
    const asked = parse(own, data);
    if (!asked.ok) return asked;
    const asking = parse(nonces, data);
    if (!asking.ok) return asking;
    const nonce = nonceWish(asking.value, deps.defaults.nonceMode);
    if (!nonce.ok) return nonce;
    const client = findClient(slot, data, deps, kind.signedBy?.(asked.value));
    if (!client.ok) return client;
    const made = kind.make(asked.value, client.value);
    if ('refused' in made) return err(made.refused);
    const isCountersigned = 'L1Sig' in made.fields && made.fields.L1Sig !== '';
    if (isCountersigned && nonce.value.mode !== 'explicit') return err(UNSIGNED_NONCE);
    const draft = {
      kind: 'transaction',
      subEvent: kind.canonical ?? kind.name,
      client: client.value,
      name: kind.transaction,
      nonce: nonce.value,
      claims: {},
      ...made,
    };
    // SAFETY: `Making` ties the fields to the name of the transaction.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
    return ok(draft as unknown as Draft);
  }

  return {
    ...describe(kind),
    schema: z.object({ ...slot.shape, ...own.shape, ...nonces.shape }),
    countersigned: 'l1_signature' in kind.shape,
    read,
  };
}

/** The wallet has signed a nonce with its text. */
const UNSIGNED_NONCE: FieldProblem = {
  field: 'nonce',
  rule: 'must be that of the answer whose `message_to_sign` was signed',
};

interface AuthTokenParticulars<Shape extends z.ZodRawShape> extends Particulars<Shape> {
  readonly make: (asked: Asked<Shape>) => Pick<AuthTokenPart, 'deadline' | 'lifetime'>;
}

/** A kind of request that means a token. */
export function authToken<Shape extends z.ZodRawShape>(
  kind: AuthTokenParticulars<Shape>,
): SigningSubEvent {
  const { slot, own } = schemasOf(kind);

  function read(data: unknown, deps: ReadingDeps): Result<Draft, ReadingProblem> {
    const asked = parse(own, data);
    if (!asked.ok) return asked;
    const client = findClient(slot, data, deps);
    if (!client.ok) return client;
    return ok({
      kind: 'auth-token',
      subEvent: 'CREATE_AUTH_TOKEN',
      client: client.value,
      ...kind.make(asked.value),
    });
  }

  const schema = z.object({ ...slot.shape, ...own.shape });
  return { ...describe(kind), schema, countersigned: false, read };
}

function describe({
  name,
  title,
  about,
  action,
  dialect = 'rest',
}: Particulars<z.ZodRawShape>): Description & Pick<SigningSubEvent, 'kind' | 'action'> {
  return { kind: 'signing', name, title, about, action, dialect };
}

interface Schemas<Shape extends z.ZodRawShape> {
  readonly slot: z.ZodObject<ReturnType<typeof slotShape>>;
  readonly own: z.ZodObject<Shape>;
}

function schemasOf<Shape extends z.ZodRawShape>({
  shape,
  usualSlot,
}: Particulars<Shape>): Schemas<Shape> {
  return { slot: z.object(slotShape(usualSlot)), own: z.object(shape) };
}

function slotShape(usual: bigint | undefined) {
  const slot = { about: 'Index of the API key that signs.', min: 0n, max: 254n, example: 5n };
  return {
    api_key_index: usual === undefined ? integer(slot) : integerOr(usual, slot),
    account_index: integer({
      about: 'The account. Absent: that of the only client with this API key index.',
      min: 0n,
      max: 2n ** 48n - 2n,
      example: 123n,
    }).optional(),
    chain_id: integer({
      about: '304 is mainnet, 300 testnet. Absent: the chain of the only client that fits.',
      min: 1n,
      max: 2n ** 32n - 1n,
    }).optional(),
  };
}

function findClient(
  slot: Schemas<never>['slot'],
  data: unknown,
  { clients }: ReadingDeps,
  publicKey?: Hex,
): Result<LighterClient, ReadingProblem> {
  const named = parse(slot, data);
  if (!named.ok) return named;
  const { api_key_index: apiKey, account_index: account, chain_id: chainId } = named.value;
  const wish: ClientWish = {
    apiKey,
    ...(account !== undefined && { account }),
    ...(chainId !== undefined && { chainId }),
    ...(publicKey !== undefined && { publicKey }),
  };
  return clients.find(wish);
}

function parse<Value>(schema: z.ZodType<Value>, data: unknown): Result<Value, FieldProblem> {
  const read = schema.safeParse(data);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  const field = (issue?.path ?? []).reduce<string>(extendPath, '');
  return err({ field, rule: issue?.message ?? 'cannot be read' });
}

function extendPath(path: string, step: PropertyKey): string {
  if (typeof step === 'number') return `${path}[${String(step)}]`;
  return path === '' ? String(step) : `${path}.${String(step)}`;
}
