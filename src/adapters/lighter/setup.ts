/** What is still missing before an account can trade through this daemon, in the order to do it. */
import { err, ok, type Result } from '../../base/result.ts';
import type { Reason } from '../../core/outcome.ts';
import type { LighterRefusal, SetupStep, SlotWish } from '../../protocols/lighter/ports.ts';
import type { Activation } from './activation.ts';
import type { DeskOptions, DeskParts } from './desk-parts.ts';
import type { RegisteredKey } from './exchange.ts';
import { exchangeOf } from './exchange-of.ts';
import { refusalOf, refuse } from './refusal.ts';
import type { RegistrationRecord } from './registrations.ts';
import { describeSlot, type Slot } from './slot.ts';

type Parts = Pick<DeskParts, 'book' | 'exchange' | 'registrations'>;

export async function listSetup(
  wish: SlotWish,
  options: Pick<DeskOptions, 'hosts'>,
  parts: Parts,
  activation: Activation,
): Promise<Result<readonly SetupStep[], LighterRefusal>> {
  const slot = settleSlot(wish, parts);
  if (!slot.ok) return slot;
  const { account, apiKey } = slot.value;
  const url = exchangeOf(slot.value, options, parts);
  if (url === undefined) return ok([depositUnknown(), registerStep(slot.value, undefined, parts)]);
  const asked = await parts.exchange.registeredKey(url, account, apiKey);
  if (!asked.ok && asked.error.code !== 'exchange.account_unknown') {
    return err(refusalOf(asked.error));
  }
  const there = asked.ok ? asked.value : undefined;
  if (there !== undefined) {
    const activated = await activation.seen(slot.value, there.publicKey);
    if (!activated.ok) return err(refusalOf(activated.error));
  }
  return ok([
    depositStep(account, asked.ok ? undefined : asked.error),
    registerStep(slot.value, { key: there }, parts),
  ]);
}

function settleSlot(
  { chainId, account, apiKey }: SlotWish,
  { book }: Parts,
): Result<Slot, LighterRefusal> {
  if (account === undefined) return refuse('invalid', 'lighter.account', 'name the account');
  const chains = new Set(
    book
      .list()
      .filter((client) => client.account === account)
      .map((client) => client.chainId),
  );
  const [only] = chains;
  const chain = chainId ?? (chains.size === 1 ? only : undefined);
  if (chain !== undefined) return ok({ chainId: chain, account, apiKey });
  const message = 'give `chain_id`, 304 is mainnet, 300 testnet';
  return refuse('invalid', 'lighter.chain_id', message);
}

/** The names are those that in-browser signers give to the same steps. */
function depositStep(account: bigint, missing: Reason | undefined): SetupStep {
  const hint =
    missing === undefined
      ? `account ${String(account)} exists`
      : "the exchange knows no such account; deposit from the owner's wallet, which makes one";
  return { step: 'DEPOSIT', done: missing === undefined, hint };
}

function depositUnknown(): SetupStep {
  const hint = 'no exchange is known to ask; call `create_client` with its `url`';
  return { step: 'DEPOSIT', done: false, hint };
}

/** `there`: what the exchange has in the slot; absent where it was not asked. */
function registerStep(
  slot: Slot,
  there: { readonly key: RegisteredKey | undefined } | undefined,
  { book, registrations }: Parts,
): SetupStep {
  const step = 'REGISTER_API_KEY';
  const own = book.at(slot)?.publicKey;
  const where = describeSlot(slot);
  if (own !== undefined && there === undefined) {
    const hint = `a key is kept for ${where}; whether the exchange has it was not asked`;
    return { step, done: false, hint };
  }
  if (own !== undefined && there?.key?.publicKey === own) {
    return { step, done: true, hint: `the key for ${where} is registered` };
  }
  const [latest] = registrations.of(slot);
  const begin =
    own === undefined
      ? `no key is kept for ${where}; call \`register_api_key\`, or \`create_client\` with the key it has`
      : `the exchange has not the key that is kept for ${where}; call \`register_api_key\``;
  const isOpen = latest !== undefined && (!latest.active || latest.public_key === own);
  const hint = isOpen ? nextOf(latest) : begin;
  return { step, done: false, hint };
}

function nextOf({ id, owner, l1_signature: signature }: RegistrationRecord): string {
  return signature === undefined
    ? `registration \`${id}\` waits for the signature of \`0x${owner}\`; send it to \`register_api_key/${id}/countersign\``
    : `registration \`${id}\` is complete, but the exchange does not have the key; send its \`tx_info\` to \`sendTx\`, or register again`;
}
