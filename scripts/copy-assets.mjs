/** Copies what the compiler does not: files the product reads at run time. */
import { cpSync } from 'node:fs';

const assets = ['src/adapters/store/migrations', 'signers/lighter/native-lock.json'];
for (const asset of assets) cpSync(asset, `dist/${asset}`, { recursive: true });
