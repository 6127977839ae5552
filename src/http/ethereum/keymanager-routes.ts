/** The Keymanager API (ethereum/keymanager-APIs), as far as a signer has something to say. */
import type { Request } from 'express';

import { utf8 } from '../../base/bytes.ts';
import type { Hex } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Secret } from '../../base/secret.ts';
import { readIdentifier } from '../../protocols/ethereum/index.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler, Route } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { requireAdmin } from './admins.ts';
import { deletion, imports } from './keymanager-requests.ts';
import type { EthereumKeys, KeystoreStatus } from './ports.ts';
import { badRequest, messageReply, stillLoading } from './refusals.ts';

export interface KeymanagerDeps {
  readonly access: Pick<Access, 'require'>;
  readonly keys: EthereumKeys;
}

/** Keystores of thousands of keys, with their history. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

export function keymanagerRoutes({ access, keys }: KeymanagerDeps): readonly Route[] {
  function list(): Reply {
    if (!keys.isLoaded()) return stillLoading();
    return jsonReply(200, {
      data: keys.list().map(({ pubkey, path, isReadonly }) => ({
        validating_pubkey: `0x${pubkey}`,
        ...(path === '' ? {} : { derivation_path: path }),
        readonly: isReadonly,
      })),
    });
  }

  async function importKeystores(body: JsonObject): Promise<Reply> {
    const read = imports.safeParse(body);
    if (!read.success) return badRequest('`keystores` and `passwords` must be lists of texts');
    const { keystores, passwords, slashing_protection: history } = read.data;
    if (keystores.length !== passwords.length) {
      return badRequest('`keystores` and `passwords` must have the same length');
    }
    const imported = await keys.importKeystores({
      keystores,
      passwords: passwords.map((password) => new Secret(utf8(password))),
      ...(typeof history === 'string' && history !== '' ? { slashingProtection: history } : {}),
    });
    if (!imported.ok) return messageReply(400, imported.error);
    return jsonReply(200, { data: imported.value.map(statusJson) });
  }

  async function deleteKeys(body: JsonObject): Promise<Reply> {
    const read = deletion.safeParse(body);
    if (!read.success) return badRequest('`pubkeys` must be a list of public keys');
    const pubkeys = readAll(read.data.pubkeys);
    if (!pubkeys.ok) return badRequest(pubkeys.error);
    const { statuses, slashingProtection } = await keys.deleteKeys(pubkeys.value);
    return jsonReply(200, {
      data: statuses.map(statusJson),
      slashing_protection: slashingProtection,
    });
  }

  const forAdmins =
    (handle: () => Answer | Promise<Answer>): Handler =>
    (request) => {
      const caller = requireAdmin(request, access);
      return caller.ok ? handle() : caller.error;
    };
  const withBody =
    (handle: (body: JsonObject) => Promise<Reply>): Handler =>
    async (request: Request) => {
      const refused = refuseOtherTypes(request);
      if (refused !== undefined) return refused;
      const caller = requireAdmin(request, access);
      if (!caller.ok) return caller.error;
      const body = await readJsonBody(request, MAX_BODY_BYTES);
      return body.ok ? handle(body.value) : body.error;
    };

  return [
    {
      path: '/eth/v1/keystores',
      GET: forAdmins(list),
      POST: withBody(importKeystores),
      DELETE: withBody(deleteKeys),
    },
  ];
}

function statusJson({ status, message }: KeystoreStatus): JsonObject {
  return { status, ...(message === undefined ? {} : { message }) };
}

function readAll(texts: readonly string[]): Result<readonly Hex[], string> {
  const pubkeys: Hex[] = [];
  for (const text of texts) {
    const pubkey = readIdentifier(text);
    if (pubkey === undefined) return err('`pubkeys` must be public keys, 48 bytes in hex each');
    pubkeys.push(pubkey);
  }
  return ok(pubkeys);
}
