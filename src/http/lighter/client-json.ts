import type { ClientView, Registration, SetupStep } from '../../protocols/lighter/ports.ts';
/** Clients and registrations as replies have them. */
import type { JsonObject } from '../../base/json.ts';

/** How scopes name a client's key: chain, account, slot. */
export function nameOf({
  chainId,
  account,
  apiKey,
}: Pick<ClientView, 'chainId' | 'account' | 'apiKey'>): string {
  return [chainId, account, apiKey].join('/');
}

export function clientJson({ chainId, publicKey, keyId }: ClientView): JsonObject {
  return { chain_id: chainId, public_key: `0x${publicKey}`, key_id: keyId };
}

export function registrationJson(registration: Registration): JsonObject {
  return {
    id: registration.id,
    state: registration.state,
    chain_id: registration.chainId,
    account_index: registration.account,
    api_key_index: registration.apiKey,
    new_public_key: `0x${registration.publicKey}`,
    message_to_sign: registration.messageToSign,
    tx_type: registration.txType,
    tx_info: registration.txInfo,
    tx_hash: registration.txHash,
    nonce: registration.nonce,
    expired_at: registration.expiredAt,
  };
}

export function setupJson(account: bigint, steps: readonly SetupStep[]): JsonObject {
  return {
    account_index: account,
    complete: steps.every(({ done }) => done),
    steps: steps.map(({ step, done, hint }) => ({ step, done, hint })),
  };
}
