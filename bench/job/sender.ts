/** Lightspark's side: a bounded number of requests at once over connections that are kept. */
import { Pool } from 'undici';

import { WEBHOOK_PATH } from './contenders.ts';
import type { Webhook } from './events.ts';

export interface Sender {
  /** Resolves when all were answered with success. */
  readonly send: (webhooks: readonly Webhook[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function createSender(origin: string, atOnce: number): Sender {
  const pool = new Pool(origin, { connections: atOnce });

  async function post({ body, signature }: Webhook): Promise<void> {
    const answer = await pool.request({
      path: WEBHOOK_PATH,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'lightspark-signature': signature },
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return;
    throw new Error(`a webhook was answered ${String(answer.statusCode)}: ${text}`);
  }

  return Object.freeze({
    async send(webhooks: readonly Webhook[]): Promise<void> {
      const waiting = webhooks.values();
      const worker = async (): Promise<void> => {
        for (const webhook of waiting) await post(webhook);
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    },
    close: () => pool.close(),
  });
}
