/**
 * facts — what policy may know about a Lightspark request.
 *
 * job-facts.ts fills in what a job's bytes prove. What was signed before, and all else that our own
 * records know (provenance `configured`), is the guard's to add, as is a commitment's side.
 */
import type { Actions, ActionSpec, FactSpec, FactType } from '../../policy/facts.ts';
import type { JobClass } from './classified.ts';

type FactSpecs = Readonly<Record<string, FactSpec>>;

const proven = (type: FactType, about: string) => ({ type, provenance: 'proven', about }) as const;
const recorded = (type: FactType, about: string) =>
  ({ type, provenance: 'configured', about }) as const;
const claimed = (type: FactType, about: string) =>
  ({ type, provenance: 'claimed', about }) as const;
const optional = (spec: FactSpec): FactSpec => ({ ...spec, optional: true });

// --- Groups of facts -----------------------------------------------------------------------------

const request: FactSpecs = {
  network: recorded('string', 'bitcoin network: MAINNET, TESTNET, REGTEST or SIGNET'),
  key: recorded('string', 'id of the seed in the key ring'),
  test_event: recorded('bool', 'answered from the test seed, which holds no money'),
  entity: claimed('string', 'node or channel the event is about'),
  node: optional(claimed('string', 'node the event is about')),
};

const batch: FactSpecs = {
  batch_size: proven('int', 'signatures asked for in this request'),
};

const channel: FactSpecs = {
  channel: proven('string', 'derivation path of the channel keys, m/3/C'),
  channel_known: recorded('bool', 'this signer has worked for the channel before'),
};

const transaction: FactSpecs = {
  version: proven('int', 'transaction version'),
  locktime: proven('int', 'locktime: block height, or seconds since 1970 from 500000000 on'),
  sighash_type: proven(
    'int',
    'what the signature covers: 1 everything, 131 one input and its output',
  ),
  input_index: proven('int', 'position of the input that is signed, from 0'),
  inputs_count: proven('int', 'number of inputs that the signature covers'),
  input_sat: proven('int', 'value of the input that is signed, in satoshi'),
  outputs_count: proven('int', 'number of outputs that the signature covers'),
  output_types: proven('list<string>', 'types of these outputs: p2wpkh, p2wsh, p2tr, p2a, …'),
  outputs: proven('list<string>', 'addresses, or scripts in hex, that are not provably ours'),
  unknown_outputs: proven('int', 'number of outputs that are not provably ours'),
  amount_sat: proven('int', 'value of outputs that are not provably ours, in satoshi'),
  own_output_sat: proven('int', 'value of outputs that are provably ours, in satoshi'),
  fee_sat: optional(proven('int', 'fee in satoshi, if all inputs are signed in this request')),
  feerate_sat_per_kw: optional(
    proven('int', 'fee per 1000 weight units, estimated, if all inputs are signed in this request'),
  ),
};

const funding: FactSpecs = {
  capacity_sat: proven('int', 'value of the funding output that is spent, in satoshi'),
  closing: proven('bool', 'closes the channel by agreement'),
  funding_known: recorded('bool', 'the channel is known to be funded by this output'),
  after_close: recorded('bool', 'a mutual close of the channel was signed before'),
  own_balance_drop_sat: optional(
    recorded('int', 'our last known balance less the one of this transaction, in satoshi'),
  ),
};

const fundingCandidate: FactSpecs = {
  funding_candidate: recorded('bool', 'pays one P2WSH output while a channel is being opened'),
  funding_candidate_sat: optional(recorded('int', 'value of that output, in satoshi')),
};

const tweak: FactSpecs = {
  tweak_verified: recorded('bool', 'the tweak was derived again from our own or a revealed secret'),
};

const htlc: FactSpecs = {
  payment_hash160: proven('string', 'RIPEMD160 of the payment hash, in hex'),
  htlc_direction: proven('string', 'offered or received by the owner of the commitment'),
  htlc_owner: proven('string', 'whose commitment carries the HTLC: holder or counterparty'),
  cltv_expiry: optional(proven('int', 'block height at which the HTLC expires')),
};

const commitmentIndex: FactSpecs = {
  index: proven('int', 'index of the per-commitment secret, counting down from 2^48 - 1'),
};

const invoice: FactSpecs = {
  invoice: claimed('string', 'id of the invoice'),
};

// --- Vocabulary ------------------------------------------------------------------------------------

/** Signatures of `DERIVE_KEY_AND_SIGN`, by class of job. */
const signatures: Readonly<Record<JobClass, ActionSpec>> = {
  l1_spend: {
    movesValue: true,
    about: 'spends the on-chain wallet: withdrawal, channel funding, sweep',
    facts: { ...request, ...batch, ...transaction, ...fundingCandidate },
  },
  wallet_spend: {
    movesValue: true,
    about: 'spends what closed channels paid out to m/1/n',
    facts: { ...request, ...batch, ...transaction, ...fundingCandidate },
  },
  commitment: {
    movesValue: true,
    about: 'signs a state of a channel, for the counterparty or to close it alone',
    facts: {
      ...request,
      ...batch,
      ...channel,
      ...transaction,
      ...funding,
      side: proven('string', 'whose commitment: counterparty, holder, or unknown if not proven'),
      own_balance_sat: optional(proven('int', 'value paid to our payment key, in satoshi')),
      commitment_number: optional(proven('int', 'number of the commitment, counting up from 0')),
      last_commitment_number: optional(
        recorded('int', 'highest number signed for the counterparty before'),
      ),
      counterparty_number_step: optional(
        recorded('int', 'number less the highest one signed for the counterparty before'),
      ),
    },
  },
  mutual_close: {
    movesValue: true,
    about: 'closes a channel by agreement',
    facts: { ...request, ...batch, ...channel, ...transaction, ...funding },
  },
  splice: {
    movesValue: true,
    about: 'spends a funding output together with other coins, or recreates it',
    facts: {
      ...request,
      ...batch,
      ...channel,
      ...transaction,
      ...funding,
      ...fundingCandidate,
      recreated_sat: optional(proven('int', 'value paid to the same funding script, in satoshi')),
    },
  },
  anchor_spend: {
    movesValue: true,
    about: 'spends our anchor of a commitment to raise its fee',
    facts: { ...request, ...batch, ...channel, ...transaction },
  },
  channel_announcement: {
    movesValue: false,
    about: 'announces a channel to the network',
    facts: {
      ...request,
      ...batch,
      ...channel,
      short_channel_id: proven('string', 'place of the funding output in the chain, in hex'),
    },
  },
  justice: {
    movesValue: true,
    about: 'takes an output of a commitment that the counterparty had revoked',
    facts: {
      ...request,
      ...batch,
      ...channel,
      ...transaction,
      ...tweak,
      revoked_output: proven('string', 'to_local or htlc'),
    },
  },
  to_remote_claim: {
    movesValue: true,
    about: 'claims our balance from a commitment of the counterparty',
    facts: { ...request, ...batch, ...channel, ...transaction },
  },
  to_local_sweep: {
    movesValue: true,
    about: 'claims our delayed balance from our own commitment or HTLC transaction',
    facts: {
      ...request,
      ...batch,
      ...channel,
      ...transaction,
      ...tweak,
      to_self_delay: proven('int', 'blocks that the output had to wait'),
    },
  },
  htlc_transaction: {
    movesValue: true,
    about: 'completes an HTLC-success or HTLC-timeout transaction of either side',
    facts: { ...request, ...batch, ...channel, ...transaction, ...tweak, ...htlc },
  },
  htlc_claim: {
    movesValue: true,
    about: 'claims an HTLC from a commitment of the counterparty',
    facts: { ...request, ...batch, ...channel, ...transaction, ...tweak, ...htlc },
  },
  blind: {
    movesValue: true,
    about: 'a digest that cannot be rebuilt from what came with it',
    facts: {
      ...request,
      ...batch,
      channel: optional(proven('string', 'derivation path of the channel keys, m/3/C')),
    },
  },
};

export const actions = {
  ...signatures,
  ecdh: {
    movesValue: false,
    about: 'computes the secret shared between the node and a peer',
    facts: { ...request, peer: claimed('string', 'public key of the peer') },
  },
  sign_invoice: {
    movesValue: false,
    about: 'signs an invoice of which only the hash is visible',
    facts: { ...request, ...invoice },
  },
  get_per_commitment_point: {
    movesValue: false,
    about: 'gives out the point of a commitment to come',
    facts: {
      ...request,
      ...channel,
      ...commitmentIndex,
      point_issued: recorded('bool', 'this point was given out before'),
    },
  },
  release_per_commitment_secret: {
    movesValue: true,
    about: 'revokes one of our own commitments',
    facts: {
      ...request,
      ...channel,
      ...commitmentIndex,
      already_released: recorded('bool', 'this secret was given out before'),
      point_issued: recorded('bool', 'the point of the commitment that follows was given out'),
      after_close: recorded('bool', 'a mutual close of the channel was signed before'),
    },
  },
  request_invoice_payment_hash: {
    movesValue: false,
    about: 'gives out the payment hash of a new invoice',
    facts: {
      ...request,
      ...invoice,
      invoice_known: recorded('bool', 'this signer gave out its payment hash before'),
    },
  },
  release_payment_preimage: {
    movesValue: true,
    about: 'gives out the preimage that settles an invoice',
    facts: {
      ...request,
      ...invoice,
      invoice_known: recorded('bool', 'this signer gave out the payment hash of the invoice'),
      within_migration_window: recorded(
        'bool',
        'the signer is new enough that invoices of its predecessor may be open',
      ),
      preimage_imported: recorded('bool', 'the operator imported the preimage'),
      is_uma: claimed('bool', 'paid through a Universal Money Address'),
      is_lnurl: claimed('bool', 'paid through LNURL'),
    },
  },
} as const satisfies Actions;
