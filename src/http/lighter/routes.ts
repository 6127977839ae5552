/** Lighter's part of the api: the routes of the Lighter signing service, and what it lacks. */
import type { LighterEndpoint } from '../../protocols/lighter/index.ts';
import type { Route } from '../app.ts';
import { keyRoutes, type KeyRouteDeps } from './key-routes.ts';
import { registrationRoutes } from './registration-routes.ts';
import { signingRoute, type SigningRouteDeps } from './signing-routes.ts';

export interface LighterRouteDeps extends KeyRouteDeps, Omit<SigningRouteDeps, 'keys'> {
  readonly endpoints: readonly LighterEndpoint[];
}

export function lighterRoutes(deps: LighterRouteDeps): readonly Route[] {
  return [
    ...keyRoutes(deps),
    ...registrationRoutes(deps),
    ...deps.endpoints.map((endpoint) => signingRoute(endpoint, deps)),
  ];
}
