import { describe, expect, test } from '@jest/globals';

import { NETWORKS } from '../../../signers/bls12381/index.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { CommitUnknown, Overload, type Store, type Transaction } from '../../../src/core/ports.ts';
import { ok } from '../../../src/base/result.ts';
import { verifies } from '../../support/bls-signatures.ts';
import { signingRootCases, textIn } from '../../support/bls-vectors.ts';
import {
  attestation,
  block,
  EPOCH,
  exit,
  forkInfo,
  randao,
  registration,
  root,
  SLOT,
} from '../../support/duties.ts';
import { type EthereumRig, sharedRig } from '../../support/ethereum-rig.ts';
import { interopKey } from '../../support/validator-files.ts';

const KEYS = [0, 1, 2, 3, 4, 5, 6, 7];
const plain = sharedRig({ operatorKeys: KEYS, rawRoots: ['randao', 'beacon_proposer'] });
const minimal = sharedRig({ network: NETWORKS.minimal, operatorKeys: KEYS });
/** One caller may reveal randomness with one key; policy forbids all to everybody else. */
const scoped = sharedRig({
  operatorKeys: [0, 1],
  policy: `version: 1
rules:
  - id: one-client
    on: ethereum.randao_reveal
    effect: permit
    when: fact.caller == "client-1"
  - id: nobody-else
    on: ethereum
    effect: forbid
    when: fact.caller != "client-1"
`,
  deps: {
    identify: () => {
      const keys = [`0x${interopKey(0).pubkey}`];
      const scope = { may: 'sign', world: 'ethereum', keys, actions: ['randao_reveal'] } as const;
      return ok({ name: 'client-1', scopes: [scope] });
    },
  },
});
const { pubkey } = interopKey(0);
const other = interopKey(1).pubkey;
const unknown = interopKey(9).pubkey;
const path = `/api/v1/eth2/sign/0x${pubkey}`;

/** A vote of the next epoch, which has perhaps begun. */
function soon(changes: { readonly head?: bigint; readonly source?: bigint } = {}): JsonObject {
  return attestation(EPOCH + 1n, { slot: SLOT, ...changes });
}

function signatureIn(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'signature' in json ? json.signature : json;
}

describe('a request to sign', () => {
  const cases = signingRootCases('lodestar-1.5.1-captured-minimal-preset');

  test('of a real validator client is answered with a valid signature', async () => {
    const rig = minimal();
    const seen = new Set<unknown>();
    for (const { request } of cases) {
      if (seen.has(request['type'])) continue;
      seen.add(request['type']);
      const { status, json } = await rig.sign(`0x${pubkey}`, request);
      expect([request['type'], status]).toEqual([request['type'], 200]);
      expect(verifies(pubkey, textIn(request, 'signingRoot'), signatureIn(json))).toBe(true);
    }
    expect(seen.size).toBeGreaterThanOrEqual(8);
  });

  test.each([pubkey, `0x${pubkey}`, pubkey.toUpperCase(), `0x${pubkey.toUpperCase()}`])(
    'may name its key as %s',
    async (identifier) => {
      const rig = plain();
      expect((await rig.sign(identifier, randao(EPOCH))).status).toBe(200);
    },
  );

  test('reads types and versions in either case, ignores unknown members, and takes numbers', async () => {
    const rig = plain();
    const body = {
      ...randao(EPOCH),
      type: 'randao_reveal',
      randao_reveal: { epoch: EPOCH },
      more: 1,
    };
    const text = JSON.stringify(body, (_key, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    expect((await rig.sign(pubkey, text)).status).toBe(200);
  });

  test.each(['signingRoot', 'signing_root'])(
    'is held to the root that it gives as %s',
    async (name) => {
      const rig = plain();
      const body = randao(EPOCH);
      const wrong = await rig.sign(pubkey, { ...body, [name]: root(1) });
      expect([wrong.status, wrong.json]).toEqual([
        400,
        {
          code: 'duty.signing-root',
          message:
            '`signingRoot` is not the root of this message; see that client and signer mean the same network and fork',
        },
      ]);
    },
  );

  test('for the same duty again is answered with the same signature', async () => {
    const rig = plain();
    const [first, again] = [
      await rig.sign(pubkey, block(SLOT + 1n)),
      await rig.sign(pubkey, block(SLOT + 1n)),
    ];
    expect(first.status).toBe(200);
    expect(again.text).toBe(first.text);
  });

  test('signs with no other key than the one of its path', async () => {
    const rig = plain();
    const { pubkey: honest } = interopKey(2);
    const duty = block(SLOT + 1n);
    const smuggled = {
      ...duty,
      identifier: other,
      identifiers: [other],
      sub_event_type: 'VOLUNTARY_EXIT',
      signing_jobs: [{ id: 'a', identifier: other, sub_event_type: 'BLOCK_V2', ...duty }],
    };
    const tried = await rig.sign(honest, smuggled);
    expect(tried.text).toBe((await rig.sign(honest, duty)).text);
    expect((await rig.store.slashing.history(other)).blocks).toEqual([]);
  });

  test('under an Idempotency-Key is one request, and another under the same key a conflict', async () => {
    const rig = plain();
    const ask = (body: unknown) =>
      rig.call(path, { method: 'POST', body, headers: { 'idempotency-key': 'mine' } });
    const first = await ask(randao(EPOCH));
    expect((await ask(randao(EPOCH))).text).toBe(first.text);
    expect((await ask(randao(EPOCH + 1n))).status).toBe(409);
  });
});

describe('an answer names its job', () => {
  const jobOf = ({ headers }: { readonly headers: Headers }) =>
    headers.get('countersign-job') ?? '';

  test('whose record tells how it ended, signed or refused', async () => {
    const rig = plain();
    const signed = await rig.sign(pubkey, soon({ head: 9n }));
    expect(signed.status).toBe(200);
    expect((await rig.store.job(jobOf(signed)))?.outcome).toBe('signed');
    const refused = await rig.sign(pubkey, soon({ head: 5n }));
    expect(refused.status).toBe(412);
    expect((await rig.store.job(jobOf(refused)))?.outcome).toBe('declined');
  });

  test('which is one for all keys of a batch, and for a repeated request the same', async () => {
    const rig = plain();
    const body = { ...randao(EPOCH), identifiers: [pubkey, other] };
    const ask = (epoch: bigint) =>
      rig.call('/api/v1/eth2/sign', {
        method: 'POST',
        body: { ...body, ...randao(epoch) },
        headers: { 'idempotency-key': 'mine' },
      });
    const job = jobOf(await ask(EPOCH));
    expect((await rig.store.job(job))?.outcome).toBe('signed');
    expect(jobOf(await ask(EPOCH))).toBe(job);
    const conflict = await ask(EPOCH + 1n);
    expect([conflict.status, jobOf(conflict)]).toEqual([409, job]);
  });

  test('if there is one', async () => {
    expect((await plain().sign(unknown, randao(EPOCH))).headers.has('countersign-job')).toBe(false);
  });
});

describe('the form of an answer', () => {
  const answered = async (rig: EthereumRig, accept?: string) => {
    const response = await rig.call(path, {
      method: 'POST',
      body: randao(EPOCH),
      headers: accept === undefined ? {} : { accept },
    });
    return response.headers.get('content-type');
  };

  test.each([
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
    ['text/plain, application/json;q=0.5', 'application/json; charset=utf-8'],
    ['Application/JSON', 'application/json; charset=utf-8'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/*', 'text/plain; charset=utf-8'],
    ['', 'text/plain; charset=utf-8'],
  ])('for Accept %p is %s', async (accept, expected) => {
    const rig = plain();
    expect(await answered(rig, accept)).toBe(expected);
  });

  test('as text is the bare signature', async () => {
    const rig = plain();
    const body = randao(EPOCH);
    const { text } = await rig.call(path, {
      method: 'POST',
      body,
      headers: { accept: 'text/plain' },
    });
    expect(text).toMatch(/^0x[0-9a-f]{192}$/);
    expect(text).toBe(signatureIn((await rig.sign(pubkey, body)).json));
  });
});

describe('a malformed request', () => {
  const duty = attestation(EPOCH);
  test.each([
    ['no JSON', '{"type":', /^not valid JSON/],
    ['no object', '[]', /not a JSON object/],
    ['a key twice', '{"type":"RANDAO_REVEAL","type":"RANDAO_REVEAL"}', /duplicate key/],
    ['nothing', '', /^`type` must be one of/],
    ['no type', { ...duty, type: undefined }, /^`type` must be one of/],
    ['an unknown type', { ...duty, type: 'EVERYTHING' }, /^`type` must be one of/],
    ['the type of withdrawal keys', { ...duty, type: 'BLS_TO_EXECUTION_CHANGE' }, /withdrawal key/],
    ['no message', { ...duty, attestation: undefined }, /^`attestation` /],
    ['no fork_info', { ...duty, fork_info: undefined }, /^`fork_info` /],
    ['bad hex', { ...duty, fork_info: { ...forkInfo, genesis_validators_root: '0xzz' } }, /hex/],
    ['a negative epoch', { ...randao(EPOCH), randao_reveal: { epoch: '-1' } }, /epoch/],
    ['an epoch with a fraction', { ...randao(EPOCH), randao_reveal: { epoch: 1.5 } }, /epoch/],
    [
      'an epoch beyond 64 bits',
      { ...randao(EPOCH), randao_reveal: { epoch: String(2n ** 64n) } },
      /epoch/,
    ],
    ['a version that is none', { ...block(SLOT), beacon_block: { version: 'NONE' } }, /version/],
    [
      'a bare root of no domain',
      { signingRoot: root(1), domain_name: 'all' },
      /^`domain_name` must be/,
    ],
  ])('with %s is answered 400 with a message', async (_what, body, message) => {
    const rig = plain();
    const { status, json } = await rig.sign(pubkey, body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ message: expect.stringMatching(message) });
  });

  test.each([['7'], ['0x00'], [`${pubkey}00`], [`0y${pubkey}`]])(
    'with the identifier %s is answered 400',
    async (identifier) => {
      const rig = plain();
      const { status, json } = await rig.sign(identifier, duty);
      expect([status, json]).toEqual([
        400,
        { code: 'ethereum.request', message: 'the identifier must be 48 bytes in hex' },
      ]);
    },
  );

  test('of another content type is answered 415', async () => {
    const rig = plain();
    const headers = { 'content-type': 'text/plain' };
    const { status, json } = await rig.call(path, { method: 'POST', body: '{}', headers });
    expect([status, json]).toEqual([
      415,
      { code: 'body.type', message: 'send `Content-Type: application/json`' },
    ]);
  });
});

describe('a refusal', () => {
  test('for an unknown key is 404, before the body is read', async () => {
    const rig = plain();
    const { status, json } = await rig.sign(unknown, 'not even JSON');
    expect([status, json]).toEqual([
      404,
      {
        code: 'ethereum.unknown_key',
        message: 'no such key is loaded; import its keystore, or reload',
      },
    ]);
  });

  test.each([
    [
      1,
      'a second block of a slot',
      block(SLOT + 1n),
      block(SLOT + 1n, { body: 2n }),
      'double_block',
    ],
    [2, 'a second vote of an epoch', soon(), soon({ head: 2n }), 'double_vote'],
    [3, 'an older block', block(SLOT + 1n), block(SLOT - 9n), 'block_below_watermark'],
    [4, 'an older vote', soon(), attestation(EPOCH, { source: EPOCH }), 'target_below_watermark'],
    [5, 'a vote from too far back', randao(EPOCH), soon({ source: 1n }), 'source_below_watermark'],
  ])(
    'of slashing protection is 412 and says so: key %d, %s',
    async (...[key, , first, second, rule]) => {
      const rig = plain();
      const { pubkey: signer } = interopKey(key);
      expect((await rig.sign(signer, first)).status).toBe(200);
      const { status, json } = await rig.sign(signer, second);
      expect([status, json]).toEqual([
        412,
        { code: `slashing.${rule}`, message: expect.stringMatching(/^slashing protection: the /) },
      ]);
    },
  );

  test.each([
    [
      'of another chain',
      { ...randao(EPOCH), fork_info: { ...forkInfo, genesis_validators_root: root(1) } },
      'slashing.wrong_genesis',
    ],
    ['far ahead', block(SLOT + 9n), 'slashing.far_future'],
  ])('of a duty %s is 412', async (_what, body, code) => {
    const rig = plain();
    const { status, json } = await rig.sign(pubkey, body);
    expect([status, json]).toMatchObject([412, { code }]);
  });

  test('of a frozen key is 412', async () => {
    const rig = plain();
    const { pubkey: frozen } = interopKey(6);
    rig.frozen.add(`ethereum/${frozen}`);
    const { status, json } = await rig.sign(frozen, randao(EPOCH));
    expect([status, json]).toMatchObject([412, { code: 'sign.frozen' }]);
  });

  test('by policy is 403, and records no duty', async () => {
    const rig = scoped();
    for (const body of [block(SLOT + 1n), exit(EPOCH)]) {
      const { status, json } = await rig.sign(pubkey, body);
      expect([status, json]).toMatchObject([403, { code: 'policy.forbid' }]);
    }
    expect((await rig.store.slashing.history(pubkey)).blocks).toEqual([]);
  });

  test('of a bare root is 403 unless the operator allows its domain', async () => {
    const body = { signingRoot: root(7), domain_name: 'deposit' };
    const refused = await plain().sign(pubkey, body);
    expect([refused.status, refused.json]).toMatchObject([403, { code: 'ethereum.raw_root_off' }]);
    const unclaimed = await plain().sign(pubkey, { ...body, domain_name: 'beacon_attester' });
    expect([unclaimed.status, unclaimed.json]).toMatchObject([
      403,
      { message: expect.any(String) },
    ]);
    const { json } = await plain().sign(pubkey, { ...body, domain_name: 'randao' });
    expect(verifies(pubkey, root(7), signatureIn(json))).toBe(true);
  });

  test('of a bare root that could be slashed follows its claims', async () => {
    const rig = plain();
    const { pubkey: signer } = interopKey(7);
    const claims = {
      domain: '0x00000000',
      slot: String(SLOT + 1n),
      genesis_validators_root: forkInfo.genesis_validators_root,
    };
    expect((await rig.sign(signer, { signingRoot: root(7), ...claims })).status).toBe(200);
    expect((await rig.sign(signer, { signingRoot: root(8), ...claims })).status).toBe(412);
    expect((await rig.sign(signer, { signingRoot: root(7), domain: '0x00000000' })).status).toBe(
      403,
    );
  });
});

describe('what time mends', () => {
  const broken = (store: Store): Store => ({
    ...store,
    transact: () => Promise.reject(new CommitUnknown('the disk is full')),
  });
  const early = sharedRig({ operatorKeys: [0], load: false, storeFor: broken });

  test('is 503 with Retry-After: keys that are being loaded, then a database that is away', async () => {
    const rig = early();
    const loading = await rig.sign(pubkey, randao(EPOCH));
    expect([loading.status, loading.headers.get('retry-after')]).toEqual([503, '1']);
    expect(loading.json).toMatchObject({ code: 'ethereum.loading' });
    const batch = { ...randao(EPOCH), identifiers: [pubkey] };
    expect((await rig.call('/api/v1/eth2/sign', { method: 'POST', body: batch })).status).toBe(503);

    await rig.validators.reload();
    const { status, headers, text } = await rig.sign(pubkey, attestation(EPOCH));
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(text).not.toContain('0x');
  });

  const overloaded = sharedRig({
    operatorKeys: [0],
    room: {
      signRoot: () => Promise.reject(new Overload('more wait for a signature than can be made')),
    },
  });

  test('is 503: more duties than can be signed, which breaks nothing', async () => {
    const rig = overloaded();
    const { status, headers, json } = await rig.sign(pubkey, randao(EPOCH));
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(json).toEqual({ code: 'busy', message: 'more wait for a signature than can be made' });
    expect(rig.failures).toEqual([]);
  });

  const reason = { code: 'busy', message: 'the daemon is stopping; send it again' };
  const stopping = sharedRig({
    operatorKeys: [0],
    options: { auth: 'required' },
    desk: { ask: () => Promise.resolve({ kind: 'unavailable', reason, retryAfter: 3 }) },
  });

  test('is 503: a daemon that stops', async () => {
    const { status, headers, json } = await stopping().order(path, {
      method: 'POST',
      body: randao(EPOCH),
    });
    expect([status, headers.get('retry-after'), json]).toEqual([503, '3', reason]);
  });

  test('is nothing for who shows no token where one is required, whatever is asked', async () => {
    for (const key of [pubkey, unknown]) {
      const { status, json, headers } = await stopping().sign(key, registration(pubkey));
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(json).toMatchObject({ code: 'caller.token', message: expect.any(String) });
    }
  });
});

describe('many keys at once', () => {
  const batch = '/api/v1/eth2/sign';
  let underWay = 0;
  let mostAtOnce = 0;
  const watched = sharedRig({
    operatorKeys: KEYS,
    storeFor: (store) => ({
      ...store,
      transact: (lanes, work) => store.transact(lanes, (tx) => work(watchedTransaction(tx))),
    }),
  });
  function watchedTransaction(tx: Transaction): Transaction {
    return {
      ...tx,
      slashing: {
        ...tx.slashing,
        async record(...asked) {
          mostAtOnce = Math.max(mostAtOnce, (underWay += 1));
          const verdict = await tx.slashing.record(...asked);
          underWay -= 1;
          return verdict;
        },
      },
    };
  }

  test('get a result each, in the order in which they were asked', async () => {
    const rig = plain();
    const [{ pubkey: spent }, { pubkey: fresh }] = [interopKey(2), interopKey(3)];
    await rig.sign(spent, soon({ head: 9n }));
    const body = {
      ...soon({ head: 5n }),
      identifiers: [`0x${spent}`, unknown, fresh.toUpperCase()],
    };
    const { status, json } = await rig.call(batch, { method: 'POST', body });
    expect([status, json]).toEqual([
      200,
      {
        data: [
          {
            identifier: `0x${spent}`,
            status: 'slashing_protection',
            message: expect.stringMatching(/^slashing protection: /),
          },
          {
            identifier: `0x${unknown}`,
            status: 'not_found',
            message: 'no such key is loaded; import its keystore, or reload',
          },
          { identifier: `0x${fresh}`, status: 'signed', signature: expect.any(String) },
        ],
      },
    ]);
    const alone = await rig.sign(fresh, soon({ head: 5n }));
    expect(json).toHaveProperty('data.2.signature', signatureIn(alone.json));
  });

  test('are recorded without waiting for each other', async () => {
    const rig = watched();
    const identifiers = [4, 5, 6].map((index) => interopKey(index).pubkey);
    const body = { ...soon({ head: 5n }), identifiers };
    const { json } = await rig.call(batch, { method: 'POST', body });
    expect(json).toMatchObject({ data: identifiers.map(() => ({ status: 'signed' })) });
    expect(mostAtOnce).toBe(identifiers.length);
  });

  test('are refused by policy in their own word', async () => {
    const body = { ...randao(EPOCH), identifiers: [pubkey] };
    const { json } = await scoped().call(batch, { method: 'POST', body });
    expect(json).toMatchObject({ data: [{ status: 'policy' }] });
  });

  test.each([
    ['no keys', {}],
    ['an empty list', { identifiers: [] }],
    ['a text', { identifiers: pubkey }],
    ['a key that is none', { identifiers: [pubkey, '0x00'] }],
    ['a key twice', { identifiers: [pubkey, `0x${pubkey}`] }],
    ['a duty that is none', { identifiers: [pubkey], randao_reveal: {} }],
  ])('are refused with %s', async (_what, changes) => {
    const rig = plain();
    const body = { ...randao(EPOCH), ...changes };
    const { status, json } = await rig.call(batch, { method: 'POST', body });
    expect(status).toBe(400);
    expect(json).toMatchObject({ message: expect.any(String) });
  });
});

describe('a caller with a scope', () => {
  const headers = { authorization: 'Bearer of-client-1' };
  const ask = (key: string, body: unknown) =>
    scoped().call(`/api/v1/eth2/sign/${key}`, { method: 'POST', body, headers });

  test('signs only with its keys, and only its types of duty', async () => {
    expect((await ask(pubkey, randao(EPOCH))).status).toBe(200);
    for (const [key, body] of [
      [other, randao(EPOCH)],
      [pubkey, exit(EPOCH)],
    ] as const) {
      const { status, json } = await ask(key, body);
      expect([status, json]).toMatchObject([403, { code: 'caller.scope' }]);
      expect(json).toHaveProperty('message');
    }
    const both = { ...randao(EPOCH), identifiers: [pubkey, other] };
    const batch = await scoped().call('/api/v1/eth2/sign', { method: 'POST', body: both, headers });
    expect(batch.status).toBe(403);
  });

  test('is named to policy', async () => {
    expect((await ask(pubkey, randao(EPOCH))).status).toBe(200);
    expect((await scoped().sign(pubkey, randao(EPOCH))).status).toBe(403);
  });
});
