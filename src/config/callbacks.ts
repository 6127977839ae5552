/** Webhooks that are answered by a signed callback, and where callbacks may go. */
import type { HostPort } from '../base/host-port.ts';
import type { Secret } from '../base/secret.ts';
import type { Values } from './variables.ts';

export interface CallbackSettings {
  readonly allowedHosts: readonly HostPort[];
  readonly allowPrivate: boolean;
  readonly declineMode: Values['CALLBACK_DECLINE_MODE'];
}

/** Of one world; without its secrets nothing is accepted. */
export type WebhookSettings =
  /** `why` where some of its variables are set, but not all that it needs. */
  | { readonly on: false; readonly why?: string }
  | {
      readonly on: true;
      readonly secrets: readonly Secret[];
      /** Where an event does not name a URL. */
      readonly callbackUrl: string | undefined;
      readonly callbackSecrets: readonly Secret[];
    };

export function callbacksOf(values: Values): CallbackSettings {
  return {
    allowedHosts: Object.freeze(values.CALLBACK_ALLOWED_HOSTS),
    allowPrivate: values.CALLBACK_ALLOW_PRIVATE,
    declineMode: values.CALLBACK_DECLINE_MODE,
  };
}

export function webhookOf(values: Values, world: 'LIGHTER' | 'BLS'): WebhookSettings {
  const secrets = values[`${world}_WEBHOOK_SECRET`];
  const callbackSecrets = values[`${world}_CALLBACK_SECRET`];
  const callbackUrl = values[`${world}_CALLBACK_URL`];
  if (secrets === undefined && callbackSecrets === undefined && callbackUrl === undefined) {
    return { on: false };
  }
  if (secrets === undefined) return { on: false, why: `set \`${world}_WEBHOOK_SECRET\`` };
  if (callbackSecrets === undefined) {
    return { on: false, why: `set \`${world}_CALLBACK_SECRET\`, which signs the answers` };
  }
  if (callbackUrl === undefined && values.CALLBACK_ALLOWED_HOSTS.length === 0) {
    const why = `set \`${world}_CALLBACK_URL\`, or \`CALLBACK_ALLOWED_HOSTS\` for events that name one`;
    return { on: false, why };
  }
  return { on: true, secrets, callbackUrl, callbackSecrets };
}
