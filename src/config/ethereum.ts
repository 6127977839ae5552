/** The settings of the Ethereum world. */
import { webhookOf, type WebhookSettings } from './callbacks.ts';
import type { Values } from './variables.ts';

export interface EthereumConfig {
  readonly webhook: WebhookSettings;
  /** The name of a known network, or the path of a file. */
  readonly network: string;
  /** Unset: only what is imported through the api. */
  readonly keystoresDir: string | undefined;
  readonly passwordDir: string | undefined;
  readonly exposed: Values['ETH_EXPOSED_KEYSTORES'];
  /** Unset: one for each core. */
  readonly workers: number | undefined;
  readonly keyCache: boolean;
  /** Domain names for which a bare root may be signed. */
  readonly rawRootDomains: readonly string[];
}

export function ethereumOf(values: Values): EthereumConfig {
  return {
    webhook: webhookOf(values, 'BLS'),
    network: values.ETH_NETWORK,
    keystoresDir: values.ETH_KEYSTORES_DIR,
    passwordDir: values.ETH_KEYSTORES_PASSWORD_DIR,
    exposed: values.ETH_EXPOSED_KEYSTORES,
    workers: values.ETH_SIGN_WORKERS,
    keyCache: values.ETH_KEY_CACHE,
    rawRootDomains: Object.freeze(values.ETH_ALLOW_RAW_ROOT),
  };
}
