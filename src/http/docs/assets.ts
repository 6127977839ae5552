/**
 * The files of Swagger UI and ReDoc, unmodified. The build copies them beside this module; a daemon
 * that runs from its sources finds them in the packages that they come from.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export const ASSETS = {
  'swagger-ui.css': { file: 'swagger-ui-dist/swagger-ui.css', type: 'text/css' },
  'swagger-ui-bundle.js': { file: 'swagger-ui-dist/swagger-ui-bundle.js', type: 'text/javascript' },
  'redoc.standalone.js': {
    file: 'redoc/bundles/redoc.standalone.js',
    type: 'text/javascript',
  },
} as const;

export type AssetName = keyof typeof ASSETS;

export function readAsset(name: AssetName): Promise<string> {
  const copied = new URL(`./assets/${name}`, import.meta.url);
  if (existsSync(copied)) return readFile(copied, 'utf8');
  return readFile(createRequire(import.meta.url).resolve(ASSETS[name].file), 'utf8');
}
