/** How the body of a request is opened: which member is the message, and of which type. */
import { type Hex, isHexOf } from '../../src/base/hex.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/base/json.ts';
import type { DomainName } from './domain.ts';
import { FORK_NAMES, type ForkName } from './network.ts';
import type { Preset } from './preset.ts';
import { refuse, type SszType, Unreadable, type ValueOf, within } from './ssz/ssz-type.ts';

/** What slashing protection must know of a message (EIP-3076). */
export type Slashable =
  | { readonly kind: 'block'; readonly slot: bigint }
  | { readonly kind: 'attestation'; readonly source: bigint; readonly target: bigint };

/**
 * Whose version the domain has: the fork's that the request names, genesis' (with no validators root,
 * so that the signature outlives forks), or the one that EIP-7044 rules for exits.
 */
export type VersionRule = 'fork' | 'genesis' | 'exit';

/** A type of request as the table has it. Functions say where in the message something stands. */
interface DutyDescription<Message> {
  /** Name of the body's member that holds the message. */
  readonly member: string;
  readonly shape: MessageShape<Message>;
  readonly domain: DomainName;
  readonly rule?: VersionRule;
  readonly slot?: (message: Message) => bigint;
  /** Decides the version; the slot's epoch where it is left out. */
  readonly epoch?: (message: Message) => bigint;
  readonly slashable?: (message: Message) => Slashable;
  /** A genesis fork version that the request brings along; the network's where it is left out. */
  readonly genesisVersion?: (message: Message, body: JsonObject) => Hex | undefined;
}

/** A message, read and hashed. */
export interface Opened<Message> {
  readonly message: Message;
  readonly messageFork: ForkName | undefined;
  readonly slot: bigint | undefined;
  readonly epoch: bigint | undefined;
  readonly slashable: Slashable | undefined;
  readonly genesisVersion: Hex | undefined;
}

export interface DutyForm<Message> {
  readonly domain: DomainName;
  readonly rule: VersionRule;
  /** Writes the root of the message into the first 32 bytes of `into`; throws `Unreadable`. */
  readonly open: (body: JsonObject, preset: Preset, into: Uint8Array) => Opened<Message>;
}

export type MessageOf<Form> = Form extends DutyForm<infer Message> ? Message : never;

export function dutyForm<Message>(description: DutyDescription<Message>): DutyForm<Message> {
  const { member, shape, domain, rule = 'fork' } = description;
  return {
    domain,
    rule,
    open(body, preset, into) {
      const { message, messageFork } = openMember(body, member, (json) =>
        shape.read(json, preset, into),
      );
      const slot = description.slot?.(message);
      const epoch =
        description.epoch?.(message) ?? (slot === undefined ? slot : slot / preset.SLOTS_PER_EPOCH);
      return {
        message,
        messageFork,
        slot,
        epoch,
        slashable: description.slashable?.(message),
        genesisVersion: description.genesisVersion?.(message, body),
      };
    },
  };
}

interface Shaped<Message> {
  readonly message: Message;
  /** As the request calls the message's shape; `undefined` where there is but one. */
  readonly messageFork: ForkName | undefined;
}

interface MessageShape<Message> {
  readonly read: (json: JsonValue | undefined, preset: Preset, into: Uint8Array) => Shaped<Message>;
}

/** The member is the message. */
export function plain<Message>(type: SszType<Message>): MessageShape<Message> {
  return {
    read: (json, preset, into) => ({
      message: type.read(json, preset, into, 0),
      messageFork: undefined,
    }),
  };
}

/** From a fork on, until the next such entry: where the message stands, and its type. */
interface ShapeSince<Message> {
  readonly since: ForkName;
  readonly member: string;
  readonly type: SszType<Message>;
}

/** The member is `{version, …}`, and the version says where the message stands in it. */
export function versioned<const Shapes extends readonly ShapeSince<unknown>[]>(
  ...shapes: Shapes
): MessageShape<ValueOf<Shapes[number]['type']>> {
  const forks = FORK_NAMES.slice(FORK_NAMES.findIndex((name) => name === shapes[0]?.since));
  return {
    read(json, preset, into) {
      const object = isJsonObject(json) ? json : refuse(json, 'an object');
      const messageFork = openMember(object, 'version', (text) => readFork(text, forks));
      const shape = shapes.findLast(({ since }) => order(since) <= order(messageFork));
      if (shape === undefined) throw new Error('a fork has no shape');
      const message = openMember(object, shape.member, (member) =>
        shape.type.read(member, preset, into, 0),
      );
      // SAFETY: the message was read by one of the types of `shapes`.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return { message: message as ValueOf<Shapes[number]['type']>, messageFork };
    },
  };
}

function order(name: ForkName): number {
  return FORK_NAMES.indexOf(name);
}

function readFork(json: JsonValue | undefined, forks: readonly ForkName[]): ForkName {
  const name = typeof json === 'string' ? json.toUpperCase() : undefined;
  const fork = forks.find((candidate) => candidate === name);
  if (fork !== undefined) return fork;
  const form = `one of ${forks.join(', ')}`;
  if (json === undefined) return refuse(json, form);
  throw new Unreadable('version', `must be ${form}`);
}

/** Reads a member, and names it in what is wrong with it. */
export function openMember<Value>(
  object: JsonObject,
  name: string,
  read: (json: JsonValue | undefined) => Value,
): Value {
  try {
    return read(object[name]);
  } catch (error) {
    throw within(error, name);
  }
}

/** Bytes of the body that are part of no message; `undefined` where they are not given. */
export function optionalBytes(body: JsonObject, name: string, size: number): Hex | undefined {
  return openMember(body, name, (json) => {
    if (json === undefined || json === null) return undefined;
    const digits = typeof json === 'string' && json.startsWith('0x') ? json.slice(2) : '';
    const hex = digits.toLowerCase();
    return isHexOf(size, hex) ? hex : refuse(json, `${String(size)} bytes in hex with \`0x\``);
  });
}
