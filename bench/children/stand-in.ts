/** The GraphQL stand-in in a process of its own, so that its work is nobody's. */
import process from 'node:process';

import { startGraphqlStandIn } from '../../src/demo/graphql-stand-in.ts';
import { required } from './environment.ts';

const standIn = await startGraphqlStandIn({
  clientId: required('LIGHTSPARK_API_TOKEN_CLIENT_ID'),
  clientSecret: required('LIGHTSPARK_API_TOKEN_CLIENT_SECRET'),
  port: Number(required('PORT')),
});

/** `forget`, or how many mutations to wait for. */
process.on('message', (message) => {
  if (message === 'forget') standIn.forget();
  else if (typeof message === 'number') tellWhenApplied(message);
});
process.send?.('listening');

function tellWhenApplied(count: number): void {
  const { applied, complaints, contradictions } = standIn;
  if (applied.length < count && complaints.length === 0) {
    setTimeout(tellWhenApplied, 1, count);
    return;
  }
  const unsigned = applied.filter(({ operation }) => operation !== 'SignMessages');
  process.send?.({
    applied: applied.length,
    troubles: [...complaints, ...contradictions, ...unsigned.map(({ operation }) => operation)],
  });
}
