/**
 * The files of Swagger UI and ReDoc, as they come but for one address. The build copies them beside
 * this module; a daemon that runs from its sources finds them in the packages that they come from.
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

/** ReDoc would load its maker's logo from the internet; without one it shows none. */
const FOREIGN_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_IMAGE = 'data:,';

export async function readAsset(name: AssetName): Promise<string> {
  const copied = new URL(`./assets/${name}`, import.meta.url);
  const text = existsSync(copied)
    ? await readFile(copied, 'utf8')
    : await readFile(createRequire(import.meta.url).resolve(ASSETS[name].file), 'utf8');
  return text.replace(FOREIGN_LOGO, NO_IMAGE);
}
