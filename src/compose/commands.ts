/** The operator's commands with the parts they act on. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';

import type { Command } from 'commander';

import { createLightningKeys } from '../../signers/lightning/index.ts';
import { loadBlst } from '../adapters/bls/blst.ts';
import { writeDerivedKeystores } from '../adapters/bls/derived-keystores.ts';
import { showProgress } from '../adapters/bls/load-progress.ts';
import { readSeed } from '../adapters/bls/mnemonic.ts';
import { createCallerStorage } from '../adapters/callers/caller-storage.ts';
import { readDocument, writeDocument } from '../adapters/interchange/document-file.ts';
import { createImportedPreimages } from '../adapters/keys/imported-preimages.ts';
import { createKeyStorage } from '../adapters/keys/key-storage.ts';
import { createKeysPassword } from '../adapters/keys/keys-password.ts';
import { readSecretFile } from '../adapters/keys/private-file.ts';
import { systemClock } from '../adapters/system.ts';
import { ok } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import { callersCommand } from '../cli/callers.ts';
import { ethereumCommand } from '../cli/ethereum.ts';
import { keysCommand } from '../cli/keys.ts';
import { lightningCommand } from '../cli/lightning.ts';
import type { Config } from '../config.ts';
import type { KeyStorage } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import { adminTarget } from './admin-target.ts';
import { callerActions } from './caller-actions.ts';
import { chooseFastestCurve } from './curve.ts';
import { openFrozenValidators, withValidators } from './frozen-validators.ts';
import { environmentKeys, KEY_IDS, keyKinds } from './key-kinds.ts';
import { composeLighterCommand } from './lighter-command.ts';
import { preimagesDirectory } from './lightspark.ts';

/** `config` is read when a command runs, not when it is declared. */
export function operatorCommands(config: () => Config): readonly Command[] {
  const terminal = { input: process.stdin, output: process.stdout, notes: process.stderr };
  const alarm = ({ message }: Reason): void => {
    terminal.notes.write(`warning: ${message}\n`);
  };
  const storage = (): KeyStorage =>
    createKeyStorage(
      { directory: config().keysDir, environment: environmentKeys(config()) },
      { kinds: keyKinds, alarm },
    );
  const common = {
    terminal,
    passwordFile: () =>
      createKeysPassword(
        { configured: config().keysPasswordFile, own: join(config().dataDir, 'keys-password') },
        { warn: alarm },
      ).file(),
    adminTarget: () => adminTarget(config().api),
    readSecretFile,
  };
  return [
    keysCommand({
      ...common,
      kinds: keyKinds,
      storage: () => ok(withValidators(storage(), openFrozenValidators(config().dataDir, alarm))),
      randomSecret: (length) => new Secret(Uint8Array.from(randomBytes(length))),
    }),
    callersCommand({
      terminal,
      storage: () =>
        createCallerStorage({ file: config().api.callersFile }, { clock: systemClock }),
      actionsOf: callerActions,
      now: systemClock.now,
    }),
    lightningCommand({
      ...common,
      defaultKey: KEY_IDS.main,
      network: () => config().lightspark.network,
      async openSeed(id, password) {
        const seed = await storage().open(id, password);
        if (!seed.ok) return seed;
        using secret = seed.value;
        const { curve } = await chooseFastestCurve();
        return ok(createLightningKeys(secret, curve));
      },
      preimages: () =>
        createImportedPreimages({ directory: preimagesDirectory(config()) }, { alarm }),
    }),
    ethereumCommand({
      ...common,
      ...{ readDocument, writeDocument, readSeed },
      async writeKeystores(seed, order) {
        const blst = await loadBlst();
        if (!blst.ok) return blst;
        const show = { terminal: process.stderr, say: () => undefined, now: systemClock.now };
        const deps = { blst: blst.value, onProgress: showProgress(show) };
        return await writeDerivedKeystores(seed, order, deps);
      },
    }),
    composeLighterCommand({ ...common, storage, dataDir: () => config().dataDir }),
  ];
}
