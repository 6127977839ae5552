/** Clients of a few slots, as a world would have them. */
import { isHexOf } from '../../src/base/hex.ts';
import { err, ok } from '../../src/base/result.ts';
import {
  type LighterClient,
  type LighterClients,
  lighterKeyId,
} from '../../src/protocols/lighter/clients.ts';

export function publicKeyOf(byte: string): LighterClient['publicKey'] {
  const key = byte.repeat(40);
  if (!isHexOf(40, key)) throw new Error('not a key');
  return key;
}

export function lighterClient(
  chainId: bigint,
  account: bigint,
  apiKey: bigint,
  publicKey = publicKeyOf('aa'),
): LighterClient {
  return { chainId, account, apiKey, publicKey, keyId: lighterKeyId(chainId, account, apiKey) };
}

/** Those in their slots, and those whose registration is under way. */
export function lighterClients(
  active: readonly LighterClient[],
  pending: readonly LighterClient[] = [],
): LighterClients {
  return {
    list: () => active,
    find({ chainId, account, apiKey, publicKey }) {
      const candidates = publicKey === undefined ? active : [...active, ...pending];
      const [found, ...more] = candidates.filter(
        (client) =>
          client.apiKey === apiKey &&
          client.account === (account ?? client.account) &&
          client.chainId === (chainId ?? client.chainId) &&
          client.publicKey === (publicKey ?? client.publicKey),
      );
      if (found === undefined) {
        return err({ code: 'lighter.no_client', message: 'Signer not initialized' });
      }
      if (more.length === 0) return ok(found);
      return err({ code: 'lighter.ambiguous_client', message: 'name the account' });
    },
  };
}
