/**
 * One genuine event of every kind for a throw-away Lightspark node, in the order of a channel's life,
 * and what must become of each.
 *
 * Every derived value and signature is compared with Lightspark's own library, and every signature
 * is also verified under the key that it must hold for.
 */
import { randomBytes } from 'node:crypto';

import { type Hex, isHex, toHex } from '../base/hex.ts';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import {
  isSignatureOf,
  type OfficialSigner,
  publicKeyOf,
  tweakedPublicKey,
} from './official-signer.ts';
import {
  type AskedSignature,
  blindJob,
  createThrowawayChannel,
  strangerScript,
  walletPayment,
} from './throwaway-channel.ts';

export interface DemoEvent {
  readonly id: string;
  readonly type: string;
  readonly entity: string;
  readonly data: JsonObject;
}

/** An event, and what must become of it. */
export interface Scene {
  readonly title: string;
  /** Made when its turn comes; a text is sent as it is. */
  readonly event: () => DemoEvent | string;
  /** What stands in the signature header: the true signature unless given. */
  readonly signed?: (signature: string) => string | undefined;
  /** Of the HTTP answer; any that accepts unless given. */
  readonly status?: number;
  readonly outcome: string;
  /** The rule or reason that must have decided; any unless given. */
  readonly because?: string;
  /** The mutation that must be sent; none unless given. */
  readonly sent?: string;
  /** Sentences about its variables that differ from the truth. */
  readonly check?: (variables: JsonObject) => readonly string[];
}

const FIRST_INDEX = 2n ** 48n - 1n;
const CHANNEL = 'Channel:demo';
const NODE = 'node_with_server_signing:demo';
const INVOICE = 'Invoice:demo';

export function createScenes(
  official: OfficialSigner,
  testSigner: OfficialSigner,
): readonly Scene[] {
  const channel = createThrowawayChannel(official, 'm/3/7');
  const [first, second] = [channel.commitment(0n), channel.commitment(1n)];
  const [peer, payreqHash] = [publicKeyOf(toHex(randomBytes(32))), toHex(randomBytes(32))];
  const [testJob, unseen] = [blindJob('m/3/19328/0'), blindJob('m/3/7/0')];
  const small = walletPayment(official, { sat: 20_000n, script: strangerScript() });
  const large = walletPayment(official, { sat: 25_000_000n, script: strangerScript() });
  const firstBatch = signing([first.asked]);
  const justice = first.justice();
  const own = walletPayment(official, { sat: 50_000n });
  const tampered = withOtherMessage(channel.commitment(2n).asked);
  let nonce = toHex(new Uint8Array(32));

  return [
    {
      title: 'first per-commitment point of a channel',
      event: () => commitmentEvent('GET_PER_COMMITMENT_POINT', FIRST_INDEX),
      outcome: 'signed',
      sent: 'UpdateChannelPerCommitmentPoint',
      check: (variables) =>
        compare(variables, {
          channel_id: CHANNEL,
          per_commitment_point: official.commitmentPoint(channel.path, FIRST_INDEX),
          per_commitment_point_index: FIRST_INDEX,
        }),
    },
    {
      title: 'payment that opens the channel',
      event: () => signing([channel.funding], { entity: NODE }),
      outcome: 'signed',
      because: 'wallet-opens-channels',
      sent: 'SignMessages',
      check: signatures(official, [channel.funding]),
    },
    {
      title: 'commitment 0 of the counterparty',
      event: () => firstBatch,
      outcome: 'signed',
      sent: 'SignMessages',
      check: signatures(official, [first.asked]),
    },
    {
      title: 'commitment 1 and its HTLC, in one batch',
      event: () => signing([second.asked, second.htlc]),
      outcome: 'signed',
      sent: 'SignMessages',
      check: signatures(official, [second.asked, second.htlc]),
    },
    {
      title: 'second per-commitment point',
      event: () => commitmentEvent('GET_PER_COMMITMENT_POINT', FIRST_INDEX - 1n),
      outcome: 'signed',
      sent: 'UpdateChannelPerCommitmentPoint',
      check: (variables) =>
        compare(variables, {
          channel_id: CHANNEL,
          per_commitment_point: official.commitmentPoint(channel.path, FIRST_INDEX - 1n),
          per_commitment_point_index: FIRST_INDEX - 1n,
        }),
    },
    {
      title: 'first per-commitment secret',
      event: () => commitmentEvent('RELEASE_PER_COMMITMENT_SECRET', FIRST_INDEX),
      outcome: 'signed',
      sent: 'ReleaseChannelPerCommitmentSecret',
      check: (variables) =>
        compare(variables, {
          channel_id: CHANNEL,
          per_commitment_secret: official.commitmentSecret(channel.path, FIRST_INDEX),
          per_commitment_index: FIRST_INDEX,
        }),
    },
    {
      title: 'per-commitment secret far ahead of its turn',
      event: () => commitmentEvent('RELEASE_PER_COMMITMENT_SECRET', FIRST_INDEX - 1_000n),
      outcome: 'withheld',
      because: 'ratchet_gap',
    },
    {
      title: 'secret by which the counterparty revokes commitment 0',
      event: () =>
        remoteSigning(CHANNEL, {
          sub_event_type: 'REVEAL_COUNTERPARTY_PER_COMMITMENT_SECRET',
          bitcoin_network: 'MAINNET',
          per_commitment_secret_idx: FIRST_INDEX,
          per_commitment_secret: first.secret,
          node_id: NODE,
        }),
      outcome: 'ignored',
    },
    {
      title: 'justice on commitment 0, both tweaks',
      event: () => signing([justice]),
      outcome: 'signed',
      sent: 'SignMessages',
      check: signatures(official, [justice]),
    },
    {
      title: 'payment to our own wallet',
      event: () => signing([own], { entity: NODE }),
      outcome: 'signed',
      sent: 'SignMessages',
      check: signatures(official, [own]),
    },
    {
      title: 'small payment to a stranger',
      event: () => signing([small], { entity: NODE }),
      outcome: 'withheld',
      because: 'policy.no_rule',
    },
    {
      title: 'large payment to a stranger',
      event: () => signing([large], { entity: NODE }),
      outcome: 'declined',
      because: 'demo-no-large-payments',
      sent: 'DeclineToSignMessages',
      check: (variables) => compare(variables, { payload_ids: [large.id] }),
    },
    {
      title: 'commitment with another digest than its bytes give',
      event: () => signing([tampered]),
      outcome: 'declined',
      because: 'digest_mismatch',
      sent: 'DeclineToSignMessages',
      check: (variables) => compare(variables, { payload_ids: [tampered.id] }),
    },
    {
      title: 'digest without a transaction',
      event: () => signing([unseen]),
      outcome: 'withheld',
    },
    {
      title: 'shared secret with a peer',
      event: () => nodeEvent('ECDH', { peer_public_key: peer }),
      outcome: 'signed',
      sent: 'UpdateNodeSharedSecret',
      check: (variables) =>
        compare(variables, { node_id: NODE, shared_secret: official.sharedSecret(peer) }),
    },
    {
      title: 'signature of an invoice',
      event: () => nodeEvent('SIGN_INVOICE', { invoice_id: INVOICE, payreq_hash: payreqHash }),
      outcome: 'signed',
      sent: 'SignInvoice',
      check(variables) {
        const { signature, recoveryId } = official.invoiceSignature(payreqHash);
        return compare(variables, { invoice_id: INVOICE, signature, recovery_id: recoveryId });
      },
    },
    {
      title: 'payment hash for an invoice',
      event: () => nodeEvent('REQUEST_INVOICE_PAYMENT_HASH', { invoice_id: INVOICE }),
      outcome: 'signed',
      sent: 'SetInvoicePaymentHash',
      check(variables) {
        nonce = hexIn(variables, 'preimage_nonce');
        return compare(variables, {
          invoice_id: INVOICE,
          payment_hash: official.paymentHash(nonce),
          preimage_nonce: nonce,
        });
      },
    },
    {
      title: 'preimage of that invoice',
      event: () =>
        nodeEvent('RELEASE_PAYMENT_PREIMAGE', { invoice_id: INVOICE, preimage_nonce: nonce }),
      outcome: 'signed',
      sent: 'ReleasePaymentPreimage',
      check: (variables) =>
        compare(variables, { invoice_id: INVOICE, payment_preimage: official.preimage(nonce) }),
    },
    {
      title: 'test event of the dashboard, on the test seed',
      event: () => signing([testJob], { network: 'REGTEST' }),
      outcome: 'signed',
      sent: 'SignMessages',
      check: signatures(testSigner, [testJob]),
    },
    {
      title: 'commitment 0 again at once: not sent twice',
      event: () => firstBatch,
      outcome: 'signed',
    },
    {
      title: 'the same event id with other data',
      event: () => ({ ...signing([second.asked]), id: firstBatch.id }),
      status: 409,
      outcome: 'conflict',
    },
    {
      title: 'forged signature',
      event: () => signing([second.asked]),
      signed: withOtherLastDigit,
      status: 401,
      outcome: 'unverified',
    },
    {
      title: 'no signature',
      event: () => signing([second.asked]),
      signed: () => undefined,
      status: 401,
      outcome: 'unverified',
    },
    {
      title: 'kind of event that is not signed',
      event: () => ({ ...remoteSigning('OutgoingPayment:demo', {}), type: 'PAYMENT_FINISHED' }),
      outcome: 'ignored',
    },
    {
      title: 'kind of request that is not signed',
      event: () => nodeEvent('VLS_MESSAGE', {}),
      outcome: 'ignored',
    },
    {
      title: 'request that cannot be read',
      event: () => nodeEvent('ECDH', { peer_public_key: 'not a key' }),
      status: 400,
      outcome: 'malformed',
    },
    {
      title: 'body that is no JSON',
      event: () => '{"event_type": "REMOTE_SIGNING", "event_id": ',
      status: 400,
      outcome: 'malformed',
    },
  ];
}

// --- Events ------------------------------------------------------------------------------------

function remoteSigning(entity: string, data: JsonObject): DemoEvent {
  return { id: toHex(randomBytes(16)), type: 'REMOTE_SIGNING', entity, data };
}

function nodeEvent(name: string, fields: JsonObject): DemoEvent {
  return remoteSigning(NODE, { sub_event_type: name, bitcoin_network: 'MAINNET', ...fields });
}

function commitmentEvent(name: string, index: bigint): DemoEvent {
  return remoteSigning(CHANNEL, {
    sub_event_type: name,
    bitcoin_network: 'MAINNET',
    derivation_path: 'm/3/7',
    per_commitment_point_idx: index,
    node_id: NODE,
  });
}

function signing(
  asked: readonly AskedSignature[],
  { entity = CHANNEL, network = 'MAINNET' } = {},
): DemoEvent {
  return remoteSigning(entity, {
    sub_event_type: 'DERIVE_KEY_AND_SIGN',
    bitcoin_network: network,
    signing_jobs: asked.map(({ job }) => job),
  });
}

function withOtherMessage(asked: AskedSignature): AskedSignature {
  return { ...asked, job: { ...asked.job, message: toHex(randomBytes(32)) } };
}

function withOtherLastDigit(signature: string): string {
  return signature.slice(0, -1) + (signature.endsWith('0') ? '1' : '0');
}

// --- Truth -------------------------------------------------------------------------------------

function compare(variables: JsonObject, truth: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(variables), ...Object.keys(truth)]);
  return [...names]
    .filter((name) => canonicalJson(variables[name] ?? null) !== canonicalJson(truth[name] ?? null))
    .map((name) => `\`${name}\` differs from the official library`);
}

function signatures(
  signer: OfficialSigner,
  asked: readonly AskedSignature[],
): (variables: JsonObject) => readonly string[] {
  return (variables) => {
    const truth = asked.map(({ id, path, digest, tweaks }) => ({
      id,
      signature: signer.sign(path, digest, tweaks),
    }));
    const invalid = asked.filter(({ path, digest, tweaks }, place) => {
      const key = tweakedPublicKey(signer.publicKey(path), tweaks);
      return !isSignatureOf(signatureAt(variables, place), digest, key);
    });
    return [
      ...compare(variables, { signatures: truth }),
      ...invalid.map(({ id }) => `the signature of \`${id}\` does not hold for its key`),
    ];
  };
}

function signatureAt(variables: JsonObject, place: number): Hex {
  const list: JsonValue = variables['signatures'] ?? [];
  const item = Array.isArray(list) ? (list as readonly JsonValue[])[place] : undefined;
  return hexIn(isJsonObject(item) ? item : {}, 'signature');
}

/** A field of hex; empty where there is none. */
function hexIn(object: JsonObject, name: string): Hex {
  const value = object[name];
  return typeof value === 'string' && isHex(value) ? value : toHex(new Uint8Array());
}
