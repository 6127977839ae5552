/** The refuse-to-start rule of the api listener (who may call it is decided in `src/http`). */
import { isLoopback } from '../base/loopback.ts';
import type { Notice, Problem } from './read.ts';

export interface Exposure {
  readonly host: string;
  readonly auth: 'loopback' | 'required';
  readonly allowInsecure: boolean;
}

export interface ExposureVerdict {
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
}

/** Beyond loopback the api is served only to callers that must prove who they are. */
export function checkExposure({ host, auth, allowInsecure }: Exposure): ExposureVerdict {
  if (isLoopback(host)) return { problems: [], notices: [] };
  if (auth === 'required') {
    const message =
      'the api is reachable beyond loopback and tokens cross the network unencrypted; put a TLS proxy in front, or use `API_SOCKET`';
    return { problems: [], notices: [{ level: 'warn', message }] };
  }
  if (allowInsecure) {
    const message =
      '`ALLOW_INSECURE_API` is set: the api is reachable beyond loopback, and tokens cross the network unencrypted';
    return { problems: [], notices: [{ level: 'warn', message }] };
  }
  const message =
    'is beyond loopback, where every caller must prove who it is; set `API_AUTH=required`, or keep `API_HOST=127.0.0.1` and use `API_SOCKET`, or set `ALLOW_INSECURE_API=true` knowing the risk';
  return { problems: [{ name: 'API_HOST', message }], notices: [] };
}
