/** Ethereum's part of the api: Web3Signer's routes and the Keymanager API. */
import type { Route } from '../app.ts';
import { keymanagerRoutes } from './keymanager-routes.ts';
import { keyRoutes, type KeyRouteDeps } from './key-routes.ts';
import { settingsRoutes, type SettingsDeps } from './settings-routes.ts';
import { signRoutes, type SignRouteDeps } from './sign-routes.ts';

export type EthereumRouteDeps = KeyRouteDeps & SignRouteDeps & SettingsDeps;

export function ethereumRoutes(deps: EthereumRouteDeps): readonly Route[] {
  return [
    ...signRoutes(deps),
    ...keyRoutes(deps),
    ...keymanagerRoutes(deps),
    ...settingsRoutes(deps),
  ];
}
