/** Web3Signer's routes about keys: which there are, loading them again, and the high watermark. */
import type { Request } from 'express';

import type { Access } from '../access.ts';
import type { Answer, Route } from '../app.ts';
import { jsonReply, type Reply } from '../reply.ts';
import type { EthereumKeys } from './ports.ts';
import { messageReply, stillLoading } from './refusals.ts';

export interface KeyRouteDeps {
  readonly access: Access;
  readonly keys: EthereumKeys;
}

export function keyRoutes({ access, keys }: KeyRouteDeps): readonly Route[] {
  /** Whoever is somebody may know which keys there are. */
  const forCallers = (reply: () => Answer | Promise<Answer>) => (request: Request) => {
    const caller = access.authenticate(request);
    return caller.ok ? reply() : caller.error;
  };

  function publicKeys(): Reply {
    if (!keys.isLoaded()) return stillLoading();
    return jsonReply(
      200,
      keys.publicKeys().map((pubkey) => `0x${pubkey}`),
    );
  }

  async function highWatermark(): Promise<Reply> {
    const mark = await keys.highWatermark();
    if (mark === undefined) return jsonReply(200, {});
    return jsonReply(200, { epoch: String(mark.epoch), slot: String(mark.slot) });
  }

  function reload(request: Request): Reply {
    const caller = access.require(request, { may: 'admin' });
    if (!caller.ok) return caller.error;
    if (keys.reload()) {
      return jsonReply(202, {
        status: 'accepted',
        message: 'keys are being loaded; GET /reload tells how it went',
      });
    }
    return messageReply(409, {
      code: 'ethereum.reloading',
      message: 'keys are being loaded already',
    });
  }

  function reloadStatus(): Reply {
    const { state, endedAt, error } = keys.reloadStatus();
    return jsonReply(200, {
      status: state,
      ...(endedAt === undefined ? {} : { lastOperationTime: new Date(endedAt).toISOString() }),
      ...(error === undefined ? {} : { lastError: error }),
    });
  }

  return [
    { path: '/api/v1/eth2/publicKeys', GET: forCallers(publicKeys) },
    { path: '/api/v1/eth2/highWatermark', GET: forCallers(highWatermark) },
    { path: '/reload', GET: forCallers(reloadStatus), POST: reload },
  ];
}
