/** Ethereum's part of the api: Web3Signer's routes and the Keymanager API. */
import type { Answer, Route } from '../app.ts';
import { keymanagerRoutes } from './keymanager-routes.ts';
import { keyRoutes, type KeyRouteDeps } from './key-routes.ts';
import { inOwnWords } from './refusals.ts';
import { settingsRoutes, type SettingsDeps } from './settings-routes.ts';
import { signRoutes, type SignRouteDeps } from './sign-routes.ts';

export type EthereumRouteDeps = KeyRouteDeps & SignRouteDeps & SettingsDeps;

export function ethereumRoutes(deps: EthereumRouteDeps): readonly Route[] {
  return [
    ...signRoutes(deps),
    ...keyRoutes(deps),
    ...keymanagerRoutes(deps),
    ...settingsRoutes(deps),
  ].map((route) => ({
    path: route.path,
    GET: inOwnWordsOnly(route.GET),
    POST: inOwnWordsOnly(route.POST),
    DELETE: inOwnWordsOnly(route.DELETE),
    frequentPOST: inOwnWordsOnly(route.frequentPOST),
  }));
}

function inOwnWordsOnly<Asked extends readonly unknown[]>(
  handle: ((...asked: Asked) => Answer | Promise<Answer>) | undefined,
): ((...asked: Asked) => Promise<Answer>) | undefined {
  if (handle === undefined) return undefined;
  return async (...asked) => {
    const answer = await handle(...asked);
    return answer && inOwnWords(answer);
  };
}
