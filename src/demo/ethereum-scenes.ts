/** A validator's duties: what its client asks for, and what must become of each. */
import { randomUUID } from 'node:crypto';

import type { JsonObject } from '../base/json.ts';
import type { Call } from './daemon.ts';
import type { Duties, Duty } from './duties.ts';
import { listIn, objectsIn, textIn } from './json-fields.ts';
import type { Scene } from './scene.ts';
import type { ThrowawayValidator } from './throwaway-validator.ts';

export function createEthereumScenes(
  validator: ThrowawayValidator,
  duties: Duties,
  callbackUrl: string,
): readonly Scene[] {
  const identifier = `0x${validator.pubkey}`;
  const vote = duties.attestation({ source: 1n, target: 2n });
  const block = duties.block(24n);
  const [next, secondOfNext] = [
    duties.attestation({ source: 3n, target: 4n }),
    duties.attestation({ source: 3n, target: 4n }),
  ];
  const reveal = duties.randaoReveal(3n);
  const sign = (body: JsonObject): Call => ({
    method: 'POST',
    path: `/api/v1/eth2/sign/${identifier}`,
    body,
  });
  const isSigned = ({ root }: Duty, signed: JsonObject): readonly string[] =>
    validator.hasSigned(root, textIn(signed, 'signature'))
      ? []
      : ['the signature does not hold for the key'];
  const signed = (title: string, duty: Duty): Scene => ({
    kind: 'call',
    title,
    call: () => sign(duty.body),
    status: 200,
    outcome: 'signed',
    check: (reply) => isSigned(duty, reply),
  });
  const refused = (title: string, body: JsonObject, status: number, because: string): Scene => ({
    kind: 'call',
    title,
    call: () => sign(body),
    status,
    outcome: 'declined',
    because,
  });
  const keystores = (title: string, status: string): Scene => ({
    kind: 'call',
    title,
    call: () => ({
      method: 'POST',
      path: '/eth/v1/keystores',
      body: { keystores: [validator.keystore], passwords: [validator.password] },
      asOperator: true,
    }),
    status: 200,
    outcome: 'done',
    check(reply) {
      const told = objectsIn(reply, 'data').map((result) => textIn(result, 'status'));
      return told.join() === status ? [] : [`the key is \`${told.join()}\` instead of ${status}`];
    },
  });

  return [
    keystores('a keystore, by the Keymanager API', 'imported'),
    keystores('the same keystore again', 'duplicate'),
    signed('an attestation', vote),
    signed('the same once more', vote),
    signed('the attestation of the next epoch', duties.attestation({ source: 2n, target: 3n })),
    refused(
      'another vote for the same target',
      duties.attestation({ source: 2n, target: 3n }).body,
      412,
      'slashing.double_vote',
    ),
    refused(
      'a vote that surrounds an earlier one',
      duties.attestation({ source: 1n, target: 4n }).body,
      412,
      'slashing.surrounds',
    ),
    signed('a block', block),
    refused('another block in the same slot', duties.block(24n).body, 412, 'slashing.double_block'),
    signed('a selection proof', duties.selectionProof(25n)),
    signed('a randao reveal', duties.randaoReveal(3n)),
    refused('a voluntary exit', duties.exit(3n), 403, 'demo-validators-stay'),
    {
      kind: 'call',
      title: 'a duty of a key that is not here',
      call: () => ({ ...sign(vote.body), path: `/api/v1/eth2/sign/0x${'ab'.repeat(48)}` }),
      status: 404,
      outcome: 'refused',
    },
    {
      kind: 'event',
      title: 'webhook: a vote, a second for its target, a reveal',
      path: '/webhooks/bls',
      event: () => ({
        event_type: 'BLS_SIGNING',
        event_id: randomUUID(),
        timestamp: new Date().toISOString(),
        entity_id: identifier,
        callback_url: callbackUrl,
        data: {
          identifier,
          signing_jobs: [
            jobOf('vote', next),
            jobOf('second-vote', secondOfNext),
            jobOf('reveal', reveal),
          ],
        },
      }),
      status: 204,
      outcome: 'signed',
      callbacks: [
        {
          type: 'signing.completed',
          check(data) {
            const [first = {}, last = {}, ...more] = objectsIn(data, 'results');
            return [
              ...expectIds([first, last, ...more], ['vote', 'reveal']),
              ...isSigned(next, first),
              ...isSigned(reveal, last),
            ];
          },
        },
        {
          type: 'signing.declined',
          check: (data) =>
            listIn(data, 'payload_ids')[0] === 'second-vote'
              ? expectIds(objectsIn(data, 'results'), ['second-vote'])
              : ['something else was declined'],
        },
      ],
    },
  ];
}

function jobOf(id: string, { body: { type, ...fields } }: Duty): JsonObject {
  return { id, sub_event_type: type ?? null, ...fields };
}

function expectIds(results: readonly JsonObject[], ids: readonly string[]): readonly string[] {
  const told = results.map((result) => textIn(result, 'id')).join(', ');
  return told === ids.join(', ') ? [] : [`the callback is about \`${told}\``];
}
