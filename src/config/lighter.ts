/** The settings of the Lighter world. */
import type { HostPort } from '../base/host-port.ts';
import { isLoopback } from '../base/loopback.ts';
import { webhookOf, type WebhookSettings } from './callbacks.ts';
import type { Values } from './variables.ts';

export interface LighterConfig {
  readonly webhook: WebhookSettings;
  readonly apiHosts: readonly HostPort[];
  readonly acceptRawKeys: boolean;
  readonly nonceMode: Values['LIGHTER_NONCE_MODE'];
  readonly backend: Values['LIGHTER_BACKEND'];
  readonly native: {
    readonly library: string | undefined;
    readonly sha256: string | undefined;
    readonly abi: string | undefined;
  };
}

export function lighterOf(values: Values): LighterConfig {
  return {
    webhook: webhookOf(values, 'LIGHTER'),
    apiHosts: Object.freeze(values.LIGHTER_API_HOSTS),
    acceptRawKeys: values.LIGHTER_ACCEPT_RAW_KEYS ?? isLoopback(values.API_HOST),
    nonceMode: values.LIGHTER_NONCE_MODE,
    backend: values.LIGHTER_BACKEND,
    native: Object.freeze({
      library: values.LIGHTER_NATIVE_LIBRARY,
      sha256: values.LIGHTER_NATIVE_SHA256,
      abi: values.LIGHTER_NATIVE_ABI,
    }),
  };
}
