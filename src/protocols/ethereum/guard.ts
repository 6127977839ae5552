/**
 * guard — what the network, the clock and the operator's settings say of a duty. What the key has
 * signed before is the store's matter: it is asked with `duty` when all else allows.
 */
import type { Duty, Network } from '../../../signers/bls12381/index.ts';
import { forkOfVersion } from '../../../signers/bls12381/index.ts';
import type { Hex } from '../../base/hex.ts';
import type { Reason } from '../../core/outcome.ts';
import type { Finding, JudgeContext, Judgement, StateView } from '../../core/protocol.ts';
import type { SlashableDuty } from '../../core/slashing.ts';
import type { FactValue } from '../../policy/facts.ts';
import { chainTime, isFarFuture } from './chain-clock.ts';
import { dutyFacts, type Earnings, withPrefix } from './duty-facts.ts';
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

  return (part, state, context) => {
    const { pubkey, duty } = part;
    const asked = {
      caller: context.caller,
      key: withPrefix(pubkey),
      network: network.name,
    };
    const judged =
      duty.type === 'RAW_ROOT' ? judgeRawRoot(duty, deps) : judgeDuty(duty, pubkey, state, context);
    const unknown = hasKey(pubkey) ? [] : [UNKNOWN_KEY];
    const slashable = slashableDuty(part);
    const finding: Finding = {
      id: part.id,
      action: judged.action,
      facts: { ...asked, ...judged.facts },
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
    const { action, facts, earnings } = dutyFacts(duty, { pubkey, now });
    const unfit = Object.entries(facts).find(([, value]) => isBeyondInt64(value));
    return {
      action,
      facts: {
        type: duty.type,
        fork_version: withPrefix(duty.forkVersion),
        fork_known: forkOfVersion(network, duty.forkVersion) !== undefined,
        ...Object.fromEntries(
          Object.entries(facts).map(([name, value]) => [name, isBeyondInt64(value) ? MAX : value]),
        ),
      },
      violations: [
        ...(unfit === undefined ? [] : [beyond(unfit[0])]),
        ...genesisProblems(duty, network),
        ...timeProblems(duty, network, now),
        ...settingProblems(earnings, readSettings(pubkey, state)),
      ],
    };
  }
}

interface Judged {
  readonly action: string;
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly violations: readonly Reason[];
}

function judgeRawRoot(root: RawRoot, { allowsRawRoot, network }: GuardDeps): Judged {
  const { domain, slashable, genesisRoot } = root;
  return {
    action: 'raw_root',
    facts: {
      domain,
      ...(slashable?.kind === 'block' ? { slot: clamped(slashable.slot) } : {}),
      ...(slashable?.kind === 'attestation'
        ? { source_epoch: clamped(slashable.source), target_epoch: clamped(slashable.target) }
        : {}),
    },
    violations: [
      ...(allowsRawRoot(domain) ? [] : [RAW_ROOT_OFF]),
      ...(genesisRoot === undefined ? [] : foreignGenesis(genesisRoot, network)),
    ],
  };
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

function genesisProblems({ forkInfo }: Duty, network: Network): readonly Reason[] {
  return forkInfo === undefined ? [] : foreignGenesis(forkInfo.genesis_validators_root, network);
}

/** Where the network's own root is not known the store pins the first one that it sees. */
function foreignGenesis(root: Hex, network: Network): readonly Reason[] {
  const { genesisValidatorsRoot, name } = network;
  if (genesisValidatorsRoot === undefined || genesisValidatorsRoot === root) return [];
  const message = `the request is for another chain than \`ETH_NETWORK\`, which is ${name}; see that client and signer mean the same network`;
  return [{ code: 'slashing.wrong_genesis', message }];
}

function timeProblems(duty: Duty, network: Network, now: number): readonly Reason[] {
  const time = chainTime(network, now);
  if (time === undefined || !isFarFuture(duty, time)) return [];
  const at = `slot ${String(time.slot)}, epoch ${String(time.epoch)}`;
  const message = `the duty lies too far ahead of ${at}; see that the clocks of client and signer are right`;
  return [{ code: 'slashing.far_future', message }];
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

/** Policy computes with signed 64-bit integers. */
const MAX = 2n ** 63n - 1n;

function isBeyondInt64(value: FactValue): boolean {
  return typeof value === 'bigint' && (value > MAX || value < -MAX - 1n);
}

function clamped(value: bigint): bigint {
  return value > MAX ? MAX : value;
}

function beyond(fact: string): Reason {
  const message = `\`${fact}\` is larger than any that this chain will see`;
  return { code: 'slashing.far_future', message };
}
