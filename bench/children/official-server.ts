/**
 * The published JS handler, unmodified, behind what Lightspark's example server does for a webhook:
 * verify, make a client, handle, answer. The example also reads its credentials from a file for
 * every request; here they are read once.
 */
import process from 'node:process';

import {
  AccountTokenAuthProvider,
  LightsparkClient,
  RemoteSigningWebhookHandler,
  verifyAndParseWebhook,
  WebhookEventType,
  WEBHOOKS_SIGNATURE_HEADER,
} from '@lightsparkdev/lightspark-sdk';
import express from 'express';

import { required } from './environment.ts';

const secret = required('LIGHTSPARK_WEBHOOK_SECRET');
const seed = Uint8Array.from(required('LIGHTSPARK_MASTER_SEED_HEX').match(/../g) ?? [], (byte) =>
  parseInt(byte, 16),
);
const clientId = required('LIGHTSPARK_API_TOKEN_CLIENT_ID');
const clientSecret = required('LIGHTSPARK_API_TOKEN_CLIENT_SECRET');
const { origin } = new URL(required('LIGHTSPARK_GRAPHQL_URL'));

const app = express();
app.use(express.raw({ type: '*/*' }));
app.get('/ping', (_request, response) => {
  response.send('OK');
});
app.post('/lightspark-webhook', async (request, response) => {
  const signature = request.headers[WEBHOOKS_SIGNATURE_HEADER];
  const body: unknown = request.body;
  if (typeof signature !== 'string' || !(body instanceof Uint8Array)) {
    response.status(400).send('Invalid request');
    return;
  }
  const event = await verifyAndParseWebhook(body, signature, secret);
  if (event.event_type === WebhookEventType.REMOTE_SIGNING) {
    const provider = new AccountTokenAuthProvider(clientId, clientSecret);
    const client = new LightsparkClient(provider, origin);
    const validator = { should_sign: () => true };
    const handler = new RemoteSigningWebhookHandler(client, seed, validator);
    await handler.handleWebhookRequest(body, signature, secret);
  }
  response.send('OK');
});
const server = app.listen(Number(required('PORT')), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
