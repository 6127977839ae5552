/** Slashing protection in an operator's hands: its records, its watermarks, and a question to it. */
import type { Request } from 'express';
import { z } from 'zod';

import type { Hex } from '../../base/hex.ts';
import { isHexOf } from '../../base/hex.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { SlashableDuty, SlashingVerdict } from '../../core/slashing.ts';
import type { KeyImport, SlashingControl } from '../../core/slashing-control.ts';
import { readIdentifier } from '../../protocols/ethereum/index.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler, Route } from '../app.ts';
import { readBody } from '../body.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { problemReply } from '../problem.ts';
import { jsonReply, type Reply } from '../reply.ts';

export interface SlashingRouteDeps {
  readonly access: Pick<Access, 'require'>;
  readonly slashing: SlashingControl;
}

/** The history of ten thousand keys. */
const MAX_DOCUMENT_BYTES = 512 * 1024 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

/** A uint64 as an integer, or as the text in which the beacon chain's interfaces write it. */
const uint64 = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : value),
  z
    .bigint({ error: 'must be an integer' })
    .min(0n, { error: 'must not be negative' })
    .max(2n ** 64n - 1n, { error: 'must fit into 64 bits' }),
);
const pubkey = z.string().transform((text, context): Hex => {
  const key = readIdentifier(text);
  if (key !== undefined) return key;
  context.addIssue('must be a public key, 48 bytes in hex');
  return z.NEVER;
});
const root = z.string().transform((text, context): Hex => {
  const hex = text.toLowerCase().replace(/^0x/, '');
  if (isHexOf(32, hex)) return hex;
  context.addIssue('must be 32 bytes in hex');
  return z.NEVER;
});

const moment = z.strictObject({ slot: uint64, epoch: uint64 });
const watermarks = moment.extend({
  keys: z.union([z.literal('all'), z.array(pubkey)], { error: 'must be `all` or public keys' }),
});
/** Without a root it is asked for a message that was never signed. */
const UNSIGNED = root.parse('00'.repeat(32));
const question = z.union(
  [
    z.strictObject({ pubkey, slot: uint64, signing_root: root.default(UNSIGNED) }),
    z.strictObject({
      ...{ pubkey, source_epoch: uint64, target_epoch: uint64 },
      signing_root: root.default(UNSIGNED),
    }),
  ],
  { error: 'give `pubkey` with `slot`, or with `source_epoch` and `target_epoch`' },
);

export function slashingRoutes({ access, slashing }: SlashingRouteDeps): readonly Route[] {
  async function importDocument(request: Request): Promise<Answer> {
    const body = await readBody(request, MAX_DOCUMENT_BYTES);
    if (!body.ok) {
      const { error } = body;
      return error.kind === 'refused' ? problemReply(error.status, error.reason) : undefined;
    }
    const imported = await slashing.importDocument(body.value);
    if (!imported.ok) return problemReply(400, imported.error);
    const { genesisRoot, keys } = imported.value;
    const data = [...keys].map(([key, end]) => ({ pubkey: `0x${key}`, ...importJson(end) }));
    return jsonReply(200, { genesis_validators_root: `0x${genesisRoot}`, data });
  }

  async function raise({ keys, ...upTo }: z.infer<typeof watermarks>): Promise<Reply> {
    return jsonReply(200, { keys: BigInt(await slashing.raise(keys, upTo)) });
  }

  async function setHighWatermark(mark: z.infer<typeof moment>): Promise<Reply> {
    await slashing.setHighWatermark(mark);
    return jsonReply(200, { slot: String(mark.slot), epoch: String(mark.epoch) });
  }

  async function removeHighWatermark(): Promise<Reply> {
    await slashing.setHighWatermark(undefined);
    return { status: 204 };
  }

  const forAdmins =
    (handle: Handler): Handler =>
    (request) => {
      const caller = access.require(request, { may: 'admin' });
      return caller.ok ? handle(request) : caller.error;
    };
  const write = (handle: Handler): Handler => {
    const checked = forAdmins(handle);
    return (request) => refuseOtherTypes(request) ?? checked(request);
  };
  const withBody = <T>(schema: z.ZodType<T>, handle: (asked: T) => Promise<Reply>): Handler =>
    write(async (request) => {
      const body = await readJsonBody(request, MAX_BODY_BYTES);
      if (!body.ok) return body.error;
      const asked = readAsked(schema, body.value);
      return asked.ok ? handle(asked.value) : asked.error;
    });

  return [
    {
      path: '/admin/v1/ethereum/slashing-protection',
      GET: forAdmins(() => ({
        status: 200,
        content: { type: 'application/json; charset=utf-8', pieces: slashing.exportDocument() },
      })),
      POST: write(importDocument),
    },
    { path: '/admin/v1/ethereum/watermarks', POST: withBody(watermarks, raise) },
    {
      path: '/admin/v1/ethereum/high-watermark',
      POST: withBody(moment, setHighWatermark),
      DELETE: forAdmins(removeHighWatermark),
    },
    {
      path: '/admin/v1/ethereum/check',
      POST: withBody(question, async (asked) =>
        jsonReply(200, verdictJson(await slashing.check(dutyOf(asked)))),
      ),
    },
  ];
}

function dutyOf(asked: z.infer<typeof question>): SlashableDuty {
  const { pubkey: key, signing_root: signingRoot } = asked;
  return 'slot' in asked
    ? { kind: 'block', key, slot: asked.slot, root: signingRoot }
    : {
        ...{ kind: 'attestation', key, root: signingRoot },
        ...{ source: asked.source_epoch, target: asked.target_epoch },
      };
}

function verdictJson(verdict: SlashingVerdict): JsonObject {
  switch (verdict.kind) {
    case 'allowed':
      return { allowed: true, signed_before: verdict.isRepeat };
    case 'refused':
      return { allowed: false, rule: verdict.rule, message: verdict.message };
    default:
      return unreachable(verdict);
  }
}

function importJson(end: KeyImport): JsonObject {
  switch (end.kind) {
    case 'imported': {
      const { blocks, attestations } = end;
      return { status: 'imported', blocks: BigInt(blocks), attestations: BigInt(attestations) };
    }
    case 'failed':
      return { status: 'error', message: end.reason.message };
    default:
      return unreachable(end);
  }
}

/** The error names the field and the rule, never the value. */
function readAsked<T>(schema: z.ZodType<T>, body: JsonObject): Result<T, Reply> {
  const read = schema.safeParse(body);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  const field = (issue?.path ?? []).join('.');
  const message = `\`${field === '' ? 'body' : field}\`: ${issue?.message ?? 'cannot be read'}`;
  return err(problemReply(400, { code: 'ethereum.request', message }));
}
