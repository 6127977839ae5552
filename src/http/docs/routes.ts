/**
 * The API's description and two pages that show it. They hold nothing of anybody's and are open to
 * whoever reaches the listener, as the health routes are.
 */
import type { JsonObject } from '../../base/json.ts';
import type { Route } from '../app.ts';
import { jsonReply, type Reply, textReply } from '../reply.ts';
import { type AssetName, ASSETS, readAsset } from './assets.ts';
import { type Page, redocPage, swaggerPage } from './pages.ts';

/** The files change with the daemon's version only. */
const FOR_AN_HOUR = { 'cache-control': 'max-age=3600' };

/** `document` is made when first asked for. */
export function docsRoutes(document: () => JsonObject): readonly Route[] {
  let made: Reply | undefined;
  return [
    { path: '/openapi.json', GET: () => (made ??= jsonReply(200, document())) },
    ...pageRoutes('/docs', swaggerPage),
    assetRoute('/docs', 'swagger-ui.css'),
    assetRoute('/docs', 'swagger-ui-bundle.js'),
    ...pageRoutes('/redoc', redocPage),
    assetRoute('/redoc', 'redoc.standalone.js'),
  ];
}

function pageRoutes(path: string, { html, start, contentSecurityPolicy }: Page): readonly Route[] {
  const page = {
    ...textReply(html, 'text/html; charset=utf-8'),
    headers: {
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    },
  };
  const script = textReply(start, 'text/javascript; charset=utf-8');
  return [
    { path, GET: () => page },
    { path: `${path}/start.js`, GET: () => script },
  ];
}

function assetRoute(folder: string, name: AssetName): Route {
  return {
    path: `${folder}/${name}`,
    GET: async () => ({
      ...textReply(await readAsset(name), `${ASSETS[name].type}; charset=utf-8`),
      headers: FOR_AN_HOUR,
    }),
  };
}
