/** The door of the Keymanager API, with its own words for a token that nobody holds. */
import type { IncomingMessage } from 'node:http';

import { err, type Result } from '../../base/result.ts';
import type { Caller } from '../../core/caller.ts';
import type { Access } from '../access.ts';
import type { Reply } from '../reply.ts';

/** That API answers 401 where there is no token, and 403 where it is wrong. */
export function requireAdmin(
  request: IncomingMessage,
  access: Pick<Access, 'require'>,
): Result<Caller, Reply> {
  const caller = access.require(request, { may: 'admin' });
  if (caller.ok || caller.error.status !== 401) return caller;
  return request.headers.authorization === undefined
    ? caller
    : err({ ...caller.error, status: 403 });
}
