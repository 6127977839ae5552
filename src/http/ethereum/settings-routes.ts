/**
 * The Keymanager API's routes about one validator. For a signer they are orders: a registration or
 * preference that says otherwise is not signed.
 */
import type { Request } from 'express';

import type { Hex } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Caller } from '../../core/caller.ts';
import type { Operator } from '../../core/operator.ts';
import { readIdentifier, WORLD } from '../../protocols/ethereum/index.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler, Route } from '../app.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { requireAdmin } from './admins.ts';
import type { EthereumKeys, OrderedSettings } from './ports.ts';
import { badRequest, messageReply, unknownKey } from './refusals.ts';

export interface SettingsDeps {
  readonly access: Pick<Access, 'require'>;
  readonly keys: Pick<EthereumKeys, 'has' | 'settings'>;
  readonly operator: Pick<Operator, 'operate'>;
}

const MAX_BODY_BYTES = 16 * 1024;

type Use = (pubkey: Hex, caller: Caller) => Answer | Promise<Answer>;

export function settingsRoutes({ access, keys, operator }: SettingsDeps): readonly Route[] {
  function forAdmins(request: Request, use: Use): Answer | Promise<Answer> {
    const caller = requireAdmin(request, access);
    if (!caller.ok) return caller.error;
    const pubkey = readIdentifier(String(request.params['pubkey']));
    if (pubkey === undefined) return badRequest('the public key must be 48 bytes in hex');
    return keys.has(pubkey) ? use(pubkey, caller.value) : unknownKey();
  }

  const show =
    (json: (settings: OrderedSettings) => JsonObject | undefined): Handler =>
    (request) =>
      forAdmins(request, async (pubkey) => {
        const told = json(await keys.settings(pubkey));
        if (told === undefined) return notSet();
        return jsonReply(200, { data: { pubkey: `0x${pubkey}`, ...told } });
      });

  const order =
    (operation: string, args: (body: JsonObject) => JsonObject): Handler =>
    (request) =>
      refuseOtherTypes(request) ??
      forAdmins(request, async (pubkey, caller) => {
        const body = await readJsonBody(request, MAX_BODY_BYTES);
        if (!body.ok) return body.error;
        return operate(operation, { pubkey, ...args(body.value) }, { caller, status: 202 });
      });

  const clear =
    (operation: string): Handler =>
    (request) =>
      forAdmins(request, (pubkey, caller) =>
        operate(operation, { pubkey }, { caller, status: 204 }),
      );

  async function operate(
    operation: string,
    args: JsonObject,
    { caller, status }: { readonly caller: Caller; readonly status: number },
  ): Promise<Reply> {
    const done = await operator.operate({ world: WORLD, operation, args, by: caller.name });
    return done.ok ? { status } : messageReply(400, done.error);
  }

  return [
    {
      path: '/eth/v1/validator/:pubkey/feerecipient',
      GET: show(({ feeRecipient }) => feeRecipient && { ethaddress: `0x${feeRecipient}` }),
      POST: order('set_fee_recipient', ({ ethaddress = null }) => ({ ethaddress })),
      DELETE: clear('clear_fee_recipient'),
    },
    {
      path: '/eth/v1/validator/:pubkey/gas_limit',
      GET: show(({ gasLimit }) =>
        gasLimit === undefined ? undefined : { gas_limit: String(gasLimit) },
      ),
      POST: order('set_gas_limit', ({ gas_limit = null }) => ({ gas_limit: integerOf(gas_limit) })),
      DELETE: clear('clear_gas_limit'),
    },
    {
      path: '/eth/v1/validator/:pubkey/graffiti',
      GET: graffiti,
      POST: graffiti,
      DELETE: graffiti,
    },
  ];
}

/** The API writes it as text. */
function integerOf(value: JsonObject[string]): JsonObject[string] {
  return typeof value === 'string' && /^[0-9]{1,20}$/.test(value) ? BigInt(value) : value;
}

function notSet(): Reply {
  const message = 'nothing is ordered for this key; any value is signed that policy permits';
  return messageReply(404, { code: 'ethereum.not_set', message });
}

function graffiti(): Reply {
  const message = 'a signer does not see the graffiti of a block; set it in the client';
  return messageReply(501, { code: 'ethereum.graffiti', message });
}
