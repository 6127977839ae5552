/** Slashing protection in an operator's hands: its records, its watermarks, and a question to it. */
import type { Request } from 'express';
import type { z } from 'zod';

import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { SlashableDuty, SlashingVerdict } from '../../core/slashing.ts';
import type { KeyImport, SlashingControl } from '../../core/slashing-control.ts';
import type { Access } from '../access.ts';
import type { Answer, Handler, Route } from '../app.ts';
import { readBody } from '../body.ts';
import { readJsonBody, refuseOtherTypes } from '../json-body.ts';
import { problemReply } from '../problem.ts';
import { jsonReply, type Reply } from '../reply.ts';
import { moment, question, watermarks } from './slashing-requests.ts';

export interface SlashingRouteDeps {
  readonly access: Pick<Access, 'require'>;
  readonly slashing: SlashingControl;
}

/** The history of ten thousand keys. */
const MAX_DOCUMENT_BYTES = 512 * 1024 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

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
