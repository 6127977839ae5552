/** Copies what the compiler does not: files the product reads at run time, and their licences. */
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';

import { ASSETS } from '../dist/src/http/docs/assets.js';

const assets = [
  'src/adapters/store/migrations',
  'src/adapters/postgres/migrations',
  'signers/lighter/native-lock.json',
];
for (const asset of assets) cpSync(asset, `dist/${asset}`, { recursive: true });

const pages = 'dist/src/http/docs/assets';
mkdirSync(pages, { recursive: true });
for (const [name, { file }] of Object.entries(ASSETS)) {
  copyFileSync(`node_modules/${file}`, `${pages}/${name}`);
}
const licences = {
  'swagger-ui.LICENSE.txt': 'swagger-ui-dist/LICENSE',
  'swagger-ui.NOTICE.txt': 'swagger-ui-dist/NOTICE',
  'redoc.LICENSE.txt': 'redoc/LICENSE',
  'redoc.standalone.js.LICENSE.txt': 'redoc/bundles/redoc.standalone.js.LICENSE.txt',
};
for (const [name, file] of Object.entries(licences)) {
  copyFileSync(`node_modules/${file}`, `${pages}/${name}`);
}
