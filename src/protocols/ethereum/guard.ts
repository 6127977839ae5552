/**
 * guard — what the network, the clock and the operator's settings say of a duty. What the key has
 * signed before is the store's matter: it is asked with `duty` when all else allows.
 *
 * Codes that begin with `slashing.` are kept for what could be slashed and for other chains: clients
 * raise an alarm for them.
 */
import { type Duty, forkOfVersion, type Network } from '../../../signers/bls12381/index.ts';
import type { Hex } from '../../base/hex.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Finding, JudgeContext, Judgement, StateView } from '../../core/protocol.ts';
import type { SlashableDuty } from '../../core/slashing.ts';
import { FactRecord, type FactValue } from '../../policy/facts.ts';
import { chainTime, type DutyTime, isFarFuture } from './chain-clock.ts';
import {
  type DutyFacts,
  dutyFacts,
  type Earnings,
  type FactContext,
  isSameForAll,
  withPrefix,
} from './duty-facts.ts';
import { isSlashableDomain, neededClaims } from './raw-root.ts';
import type { EthereumPart, RawRoot } from './request.ts';
import { type KeySettings, readSettings } from './settings.ts';

export interface GuardDeps {
  readonly network: Network;
  /** Whether a key is loaded. */
  readonly hasKey: (pubkey: Hex) => boolean;
  /** Whether the operator lets bare roots of this domain be signed. */
  readonly allowsRawRoot: (domain: RawRoot['domain']) => boolean;
}

export type JudgePart = (part: EthereumPart, state: StateView, context: JudgeContext) => Judgement;

const NOTHING: StateView = new Map();

export function createGuard(deps: GuardDeps): JudgePart {
  const { network, hasKey } = deps;
  const descriptions = new WeakMap<Duty, Described>();

  return (part, state, context) => {
    const { pubkey, duty } = part;
    const asked = {
      caller: context.caller,
      key: withPrefix(pubkey),
      network: network.name,
    };
    const judged =
      duty.type === 'RAW_ROOT'
        ? judgeRawRoot(duty, deps, context)
        : judgeDuty(duty, pubkey, state, context);
    const unknown = hasKey(pubkey) ? [] : [UNKNOWN_KEY];
    const slashable = slashableDuty(part);
    const finding: Finding = {
      id: part.id,
      action: judged.action,
      facts: new FactRecord(asked, judged.facts),
      violations: [...unknown, ...judged.violations],
      doubts: [],
      ...(slashable === undefined ? {} : { duty: slashable }),
    };
    return {
      findings: [finding],
      changes: NOTHING,
      knowledge: NOTHING,
      inputs: { root: duty.signingRoot },
      alarms: [],
    };
  };

  function judgeDuty(duty: Duty, pubkey: Hex, state: StateView, { now }: JudgeContext): Judged {
    const { action, facts, earnings, problems } = described(duty, { pubkey, now });
    return {
      action,
      facts,
      violations: [
        ...genesisProblems(duty.forkInfo?.genesis_validators_root, network),
        ...timeProblems(duty, network, now),
        ...problems,
        ...settingProblems(earnings, readSettings(pubkey, state)),
      ],
    };
  }

  /** What a duty that many keys are asked to sign says of itself is put together once. */
  function described(duty: Duty, context: FactContext): Described {
    const known = descriptions.get(duty) ?? describe(duty, context);
    if (isSameForAll(duty.type)) descriptions.set(duty, known);
    return known;
  }

  function describe(duty: Duty, context: FactContext): Described {
    const { facts, ...rest } = dutyFacts(duty, context);
    const common = {
      type: duty.type,
      fork_version: withPrefix(duty.forkVersion),
      fork_known: forkOfVersion(network, duty.forkVersion) !== undefined,
    };
    return {
      ...rest,
      facts: new FactRecord(common, clamped(facts)),
      problems: rangeProblems(facts),
    };
  }
}

interface Described extends DutyFacts {
  readonly problems: readonly Reason[];
}

type FactValues = Readonly<Record<string, FactValue>>;

interface Judged {
  readonly action: string;
  readonly facts: FactValues;
  readonly violations: readonly Reason[];
}

function judgeRawRoot(
  root: RawRoot,
  { allowsRawRoot, network }: GuardDeps,
  { now }: JudgeContext,
): Judged {
  const { domain, slashable, genesisRoot } = root;
  const claims = claimsOf(slashable);
  return {
    action: 'raw_root',
    facts: { domain, ...clamped(claims) },
    violations: [
      ...(allowsRawRoot(domain) ? claimProblems(root) : [RAW_ROOT_OFF]),
      ...genesisProblems(genesisRoot, network),
      ...timeProblems({ ...root, slashable, slot: undefined, epoch: undefined }, network, now),
      ...rangeProblems(claims),
    ],
  };
}

function claimProblems({ domain, slashable }: RawRoot): readonly Reason[] {
  if (!isSlashableDomain(domain) || slashable !== undefined) return [];
  return [{ code: 'ethereum.raw_root_unclaimed', message: neededClaims(domain) }];
}

function claimsOf(slashable: RawRoot['slashable']): FactValues {
  switch (slashable?.kind) {
    case undefined:
      return {};
    case 'block':
      return { slot: slashable.slot };
    case 'attestation':
      return { source_epoch: slashable.source, target_epoch: slashable.target };
    default:
      return unreachable(slashable);
  }
}

/** What slashing protection records; a message without a chain of its own cannot be slashed. */
function slashableDuty({ pubkey, duty }: EthereumPart): Finding['duty'] {
  const { slashable, signingRoot } = duty;
  const genesisRoot =
    duty.type === 'RAW_ROOT' ? duty.genesisRoot : duty.forkInfo?.genesis_validators_root;
  if (slashable === undefined || genesisRoot === undefined) return undefined;
  const common = { key: pubkey, root: signingRoot };
  const recorded: SlashableDuty = { ...slashable, ...common };
  return { duty: recorded, genesisRoot };
}

/** Where the network's own root is not known the store pins the first one that it sees. */
function genesisProblems(root: Hex | undefined, network: Network): readonly Reason[] {
  const { genesisValidatorsRoot, name } = network;
  if (root === undefined || genesisValidatorsRoot === undefined) return [];
  if (root === genesisValidatorsRoot) return [];
  const message = `the request is for another chain than \`ETH_NETWORK\`, which is ${name}; see that client and signer mean the same network`;
  return [{ code: 'slashing.wrong_genesis', message }];
}

function timeProblems(duty: DutyTime, network: Network, now: number): readonly Reason[] {
  const time = chainTime(network, now);
  if (time === undefined || !isFarFuture(duty, time)) return [];
  const at = `slot ${String(time.slot)}, epoch ${String(time.epoch)}`;
  const message = `the duty lies too far ahead of ${at}; see that the clocks of client and signer are right`;
  const kind = duty.slashable === undefined ? 'ethereum' : 'slashing';
  return [{ code: `${kind}.far_future`, message }];
}

function settingProblems(earnings: Earnings | undefined, settings: KeySettings): readonly Reason[] {
  if (earnings === undefined) return [];
  const { feeRecipient, gasLimit } = settings;
  const problems: Reason[] = [];
  if (feeRecipient !== undefined && feeRecipient !== earnings.feeRecipient) {
    problems.push(ordered('fee_recipient', `the fee recipient ordered is \`0x${feeRecipient}\``));
  }
  if (gasLimit !== undefined && earnings.gasLimit !== undefined && gasLimit !== earnings.gasLimit) {
    problems.push(ordered('gas_limit', `the gas limit ordered is ${String(gasLimit)}`));
  }
  return problems;
}

function ordered(what: string, message: string): Reason {
  const remedy = 'set the same in the client, or order another with the Keymanager API';
  return { code: `ethereum.${what}`, message: `${message}; ${remedy}` };
}

const UNKNOWN_KEY: Reason = {
  code: 'ethereum.unknown_key',
  message: 'no such key is loaded; import its keystore, or reload',
};

const RAW_ROOT_OFF: Reason = {
  code: 'ethereum.raw_root_off',
  message:
    'bare roots of this domain are not signed; send the typed message, or name the domain in `ETH_ALLOW_RAW_ROOT`',
};

/** Policy computes with signed 64-bit integers; no honest duty has larger ones. */
const [MIN, MAX] = [-(2n ** 63n), 2n ** 63n - 1n];

function rangeProblems(facts: FactValues): readonly Reason[] {
  const beyond = beyondRange(facts);
  if (beyond === undefined) return [];
  const message = `\`${beyond}\` is beyond 64 bits with a sign, where no chain has come`;
  return [{ code: 'ethereum.out_of_range', message }];
}

/** What the record shows of facts that are refused for their size. */
function clamped(facts: FactValues): FactValues {
  if (beyondRange(facts) === undefined) return facts;
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, within(value)]));
}

/** The name of a fact that is too large. */
function beyondRange(facts: FactValues): string | undefined {
  return Object.keys(facts).find((name) => facts[name] !== within(facts[name] ?? 0n));
}

function within(value: FactValue): FactValue {
  if (typeof value !== 'bigint') return value;
  if (value > MAX) return MAX;
  return value < MIN ? MIN : value;
}
