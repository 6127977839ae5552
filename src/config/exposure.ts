/** The refuse-to-start rule of the api listener (who may call it is decided in `src/http`). */
import { isLoopback } from '../base/loopback.ts';
import type { Notice, Problem } from './read.ts';

export interface Exposure {
  readonly host: string;
  /** Whether nothing but a token or a certificate is accepted. */
  readonly isAuthRequired: boolean;
  /** Whether Ethereum duties are signed for certain networks without a token. */
  readonly allowsNetworks: boolean;
  readonly allowInsecure: boolean;
  readonly isEncrypted: boolean;
}

export interface ExposureVerdict {
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
}

/** Beyond loopback the api is served only to callers that must prove who they are. */
export function checkExposure(exposure: Exposure): ExposureVerdict {
  if (isLoopback(exposure.host)) return { problems: [], notices: [] };
  if (!isGuarded(exposure)) return { problems: [UNGUARDED], notices: [] };
  const warnings = [
    ...(exposure.allowInsecure
      ? ['`ALLOW_INSECURE_API` is set: whoever can connect gets Ethereum duties signed']
      : []),
    ...(exposure.isEncrypted ? [] : [UNENCRYPTED]),
  ];
  return {
    problems: [],
    notices: warnings.map((message) => ({ level: 'warn', message })),
  };
}

function isGuarded({ isAuthRequired, allowsNetworks, allowInsecure }: Exposure): boolean {
  return isAuthRequired || allowsNetworks || allowInsecure;
}

const UNENCRYPTED =
  'the api is reachable beyond loopback and tokens cross the network unencrypted; set `API_TLS_CERT_FILE` and `API_TLS_KEY_FILE`, or use `API_SOCKET`';

const UNGUARDED: Problem = {
  name: 'API_HOST',
  message:
    'is beyond loopback, where every caller must prove who it is; set `API_AUTH=required`, `API_TLS_KNOWN_CLIENTS_FILE` or `API_ALLOWED_CLIENTS`, or keep `API_HOST=127.0.0.1` and use `API_SOCKET`, or set `ALLOW_INSECURE_API=true` knowing the risk',
};
