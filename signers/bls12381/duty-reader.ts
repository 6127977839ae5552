/**
 * From the JSON body of a request to the root that is signed, with all that policy and slashing
 * protection ask about it.
 */
import type { Hex } from '../../src/base/hex.ts';
import type { JsonObject, JsonValue } from '../../src/base/json.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { unreachable } from '../../src/base/unreachable.ts';
import { createDomains, type DomainName, ZERO_ROOT } from './domain.ts';
import {
  type Opened,
  openMember,
  optionalBytes,
  type Slashable,
  type VersionRule,
} from './duty-form.ts';
import { type DutyProblem, dutyProblem, problemOf } from './duty-problem.ts';
import { DUTIES, DUTY_TYPES, type DutyMessage, type DutyType, isDutyType } from './duty-table.ts';
import { exitVersions } from './exit-version.ts';
import { ForkInfo, versionAt } from './fork-info.ts';
import type { ForkName, Network } from './network.ts';
import { CHUNK_SIZE, hashPairToHex } from './ssz/chunks.ts';
import { Unreadable } from './ssz/ssz-type.ts';

/** A request of one type, read whole. */
export interface DutyOf<Type extends DutyType> {
  readonly type: Type;
  readonly message: DutyMessage<Type>;
  /** 32 bytes; equal to the one that the client gave, if it gave one. */
  readonly signingRoot: Hex;
  readonly domain: DomainName;
  /** In the domain. */
  readonly forkVersion: Hex;
  /** `undefined` where the domain is bound to no chain: registrations, deposits, builder requests. */
  readonly forkInfo: ForkInfo | undefined;
  /** As the request calls the message's shape, where shapes differ by fork. */
  readonly messageFork: ForkName | undefined;
  /** Of the message, if it has one. */
  readonly slot: bigint | undefined;
  /** Of the message, or of its slot; an attestation's target. */
  readonly epoch: bigint | undefined;
  /** Where a second such message could be slashed. */
  readonly slashable: Slashable | undefined;
}

export type Duty = { readonly [Type in DutyType]: DutyOf<Type> }[DutyType];

/**
 * `type` is the request's, of either case; `body` holds the message under the member that its type
 * names, `fork_info`, and perhaps `signingRoot` or `signing_root`.
 */
export type ReadDuty = (type: JsonValue | undefined, body: JsonObject) => Result<Duty, DutyProblem>;

export function createDutyReader(network: Network): ReadDuty {
  const domainOf = createDomains();

  function read(type: DutyType, body: JsonObject): Result<Duty, DutyProblem> {
    const { domain, rule, open } = DUTIES[type];
    /** The message's root, and beside it the domain. */
    const signingData = new Uint8Array(2 * CHUNK_SIZE);
    const opened = open(body, network.preset, signingData);
    const { message, messageFork, slot, epoch, slashable } = opened;
    const forkInfo = rule === 'genesis' ? undefined : readForkInfo(body, network);
    const genesisValidatorsRoot = forkInfo?.genesis_validators_root ?? ZERO_ROOT;
    const given = givenRoots(body);
    for (const forkVersion of versionsOf(rule, opened, forkInfo)) {
      const parameters = { type: domain, version: forkVersion, genesisValidatorsRoot };
      signingData.set(domainOf(parameters), CHUNK_SIZE);
      const signingRoot = hashPairToHex(signingData);
      if (!agrees(signingRoot, given)) continue;
      const context = { domain, forkVersion, forkInfo, messageFork, slot, epoch, slashable };
      // SAFETY: the message was read by the form of this very type.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
      return ok({ type, message, signingRoot, ...context } as Duty);
    }
    const complaint =
      'is not the root of this message; see that client and signer mean the same network and fork';
    return err(dutyProblem('duty.signing-root', 'signingRoot', complaint));
  }

  /** Fork versions that the domain may have; the first one is right unless a given root tells. */
  function versionsOf(
    rule: VersionRule,
    { genesisVersion, epoch }: Opened<unknown>,
    forkInfo: ForkInfo | undefined,
  ): readonly Hex[] {
    if (rule === 'genesis') return [genesisVersion ?? network.forks[0].version];
    if (forkInfo === undefined || epoch === undefined) {
      throw new Error('a duty under a fork has neither slot nor epoch');
    }
    switch (rule) {
      case 'fork':
        return [versionAt(forkInfo, epoch)];
      case 'exit':
        return exitVersions(network, forkInfo, epoch);
      default:
        return unreachable(rule);
    }
  }

  return (type, body) => {
    const known = readType(type);
    if (!known.ok) return known;
    try {
      return read(known.value, body);
    } catch (error) {
      if (error instanceof Unreadable) return err(problemOf(error));
      throw error;
    }
  };
}

const WITHDRAWAL_KEY_TYPE = 'BLS_TO_EXECUTION_CHANGE';

function readType(type: JsonValue | undefined): Result<DutyType, DutyProblem> {
  const name = typeof type === 'string' ? type.toUpperCase() : '';
  if (isDutyType(name)) return ok(name);
  if (name === WITHDRAWAL_KEY_TYPE) {
    const complaint = `must not be ${WITHDRAWAL_KEY_TYPE}: the withdrawal key signs it, not a validator's; use the tool that holds that key`;
    return err(dutyProblem('duty.withdrawal-key', 'type', complaint));
  }
  const complaint = `must be one of ${DUTY_TYPES.join(', ')}`;
  return err(dutyProblem('duty.type', 'type', complaint));
}

function readForkInfo(body: JsonObject, { preset }: Network): ForkInfo {
  return openMember(body, 'fork_info', (json) => ForkInfo.read(json, preset, NOTHING, 0));
}

/** Where what is not hashed writes its root. */
const NOTHING = new Uint8Array(0);

/** What the client takes for the signing root: under the standard's name, and an older one. */
function givenRoots(body: JsonObject): GivenRoots {
  return [optionalBytes(body, 'signingRoot', 32), optionalBytes(body, 'signing_root', 32)];
}

type GivenRoots = readonly [Hex | undefined, Hex | undefined];

function agrees(signingRoot: Hex, [first, second]: GivenRoots): boolean {
  return (first ?? signingRoot) === signingRoot && (second ?? signingRoot) === signingRoot;
}
