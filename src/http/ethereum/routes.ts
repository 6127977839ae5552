/** Ethereum's part of the api: Web3Signer's routes and the Keymanager API. */
import type { Handler, Route } from '../app.ts';
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
  ].map(({ path, GET, POST, DELETE }) => ({
    path,
    GET: GET && inOwnWordsOnly(GET),
    POST: POST && inOwnWordsOnly(POST),
    DELETE: DELETE && inOwnWordsOnly(DELETE),
  }));
}

function inOwnWordsOnly(handle: Handler): Handler {
  return async (request) => {
    const answer = await handle(request);
    return answer && inOwnWords(answer);
  };
}
