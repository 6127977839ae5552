/**
 * What one attempt at a callback proves. Standard Webhooks, "Delivery success and failure": a 2xx is
 * success whatever the reply says, 410 ends it, and anything else is tried again, because a receiver
 * that is mended later still wants to know. The receiver tells repetitions by their `webhook-id`.
 *
 * | observed                                                    | receipt         |
 * |-------------------------------------------------------------|-----------------|
 * | the host leads to an address that is not allowed: not sent  | `rejected`      |
 * | no status, or a 3xx, 401, 403, 408, 425, 429, 5xx           | http-receipt.ts |
 * | 2xx, also where the reply is cut off or larger than we read | `delivered`     |
 * | 410: the receiver wants no more                             | `rejected`      |
 * | other 4xx                                                   | `retry`         |
 */
import type { Receipt } from '../../core/ports.ts';
import { forbiddenAddress } from './callback-url.ts';
import type { Exchange } from './exchange.ts';
import { FORBIDDEN_ADDRESS } from './guarded-connect.ts';
import {
  type OtherSide,
  receiptOfSilence,
  receiptOfStatus,
  rejected,
  retry,
} from './http-receipt.ts';

const RECEIVER: OtherSide = {
  name: 'receiver',
  credentials: 'that it has the callback secret',
  redirect: 'callback.redirect',
};

export function receiptOfCallback(exchange: Exchange, now: number): Receipt {
  if (exchange.kind === 'unsent' && exchange.cause === FORBIDDEN_ADDRESS) {
    return { kind: 'rejected', reason: forbiddenAddress };
  }
  if (exchange.kind !== 'answered') return receiptOfSilence(exchange, RECEIVER);
  const { status } = exchange;
  if (status < 300) return { kind: 'delivered' };
  if (status === 410) return rejected('callback.gone', 'the receiver wants no more callbacks');
  const said = `the receiver answered ${String(status)}`;
  return receiptOfStatus(exchange, RECEIVER, now) ?? retry('http.status', said);
}
