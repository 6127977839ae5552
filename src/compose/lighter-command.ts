/** `countersign lighter` with the parts it acts on. */
import type { Command } from 'commander';

import { parseAddress } from '../../signers/ethereum-wallet/index.ts';
import { type ClientBook, createClientBook } from '../adapters/lighter/client-book.ts';
import { readKeyRecords, writeKeyRecord } from '../adapters/lighter/records.ts';
import { slotKeyId, slotOfKey } from '../adapters/lighter/slot.ts';
import { createPrivateFile, readPrivateFile } from '../adapters/keys/private-file.ts';
import type { Hex } from '../base/hex.ts';
import { ok, type Result } from '../base/result.ts';
import { lighterCommand, type LighterDeps } from '../cli/lighter.ts';
import type { KeyKind } from '../core/key-storage.ts';
import type { Reason } from '../core/outcome.ts';
import { keyKinds, LIGHTER_API_KEY } from './key-kinds.ts';
import { lighterNotes } from './lighter-keys.ts';

export interface LighterCommandParts extends Pick<
  LighterDeps,
  'terminal' | 'storage' | 'passwordFile' | 'readSecretFile'
> {
  readonly dataDir: () => string;
}

const MAX_RECORDS = 1_048_576;

export function composeLighterCommand({ dataDir, ...parts }: LighterCommandParts): Command {
  const kind = lighterKind();

  /** Where the daemon keeps the same. */
  function openBook(): Result<ClientBook, Reason> {
    const listed = parts.storage().list();
    if (!listed.ok) return listed;
    const held = listed.value
      .filter((key) => key.kind === kind.kind)
      .map(({ id, fingerprint }) => ({ keyId: id, publicKey: fingerprint }));
    return createClientBook({ file: lighterNotes(dataDir()) }, { keys: { apiKeys: () => held } });
  }

  return lighterCommand({
    ...parts,
    kind,
    keyId: slotKeyId,
    slotOf: slotOfKey,
    readRecords: readKeyRecords,
    writeRecord: writeKeyRecord,
    owners: {
      of(slot): Result<Hex | undefined, Reason> {
        const book = openBook();
        if (!book.ok) return book;
        const address = book.value.at(slot)?.l1Address;
        return ok(address === undefined ? undefined : parseAddress(address));
      },
      note(slot, owner) {
        const book = openBook();
        return book.ok ? book.value.note(slot, { owner }) : book;
      },
      read: parseAddress,
    },
    readFile: (path) => readPrivateFile(path, MAX_RECORDS),
    createFile: createPrivateFile,
  });
}

function lighterKind(): KeyKind {
  const kind = keyKinds.find((candidate) => candidate.kind === LIGHTER_API_KEY);
  if (kind === undefined) throw new Error('the kind of Lighter API keys is not listed');
  return kind;
}
