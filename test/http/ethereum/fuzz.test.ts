import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import { goodRequest } from '../../support/bls-vectors.ts';
import { placesIn, replaceAt } from '../../support/bls-places.ts';
import {
  attestation,
  block,
  EPOCH,
  exit,
  preferences,
  randao,
  registration,
  root,
  SLOT,
} from '../../support/duties.ts';
import { type Answered, sharedRig } from '../../support/ethereum-rig.ts';
import { interopKey } from '../../support/validator-files.ts';

const shared = sharedRig({
  operatorKeys: [0, 1],
  rawRoots: ['randao', 'beacon_proposer', 'beacon_attester'],
});
const { pubkey } = interopKey(0);

/** What a client can make sense of; anything else is a fault of ours. */
const EXPECTED = new Set([200, 400, 403, 404, 412]);

function expectSense({ status, json, text }: Answered): void {
  if (!EXPECTED.has(status)) throw new Error(`it is answered ${String(status)}: ${text}`);
  if (status !== 200) expect(json).toMatchObject({ message: expect.stringMatching(/./) });
}

const requests: readonly JsonObject[] = [
  attestation(EPOCH + 1n, { slot: SLOT }),
  block(SLOT + 1n),
  randao(EPOCH),
  exit(EPOCH),
  registration(pubkey),
  preferences(SLOT + 1n),
  goodRequest('AGGREGATE_AND_PROOF_V2 electra'),
  goodRequest('SYNC_COMMITTEE_CONTRIBUTION_AND_PROOF fulu'),
  goodRequest('EXECUTION_PAYLOAD_ENVELOPE gloas'),
  goodRequest('EXECUTION_PAYLOAD_BID gloas'),
  { signingRoot: root(1), domain_name: 'randao' },
  {
    signingRoot: root(1),
    domain: '0x00000000',
    slot: String(SLOT + 1n),
    genesis_validators_root: root(2),
  },
];

const oddText = fc.constantFrom(
  '',
  '0x',
  '0x0',
  '-1',
  '0x00',
  '1e3',
  ' 7',
  '__proto__',
  'constructor',
  'toString',
  'GLOAS',
  'raw_root',
  'RAW_ROOT',
  String(2n ** 63n),
  String(2n ** 64n - 1n),
  String(2n ** 64n),
  '9'.repeat(400),
  `0x${'ff'.repeat(20)}`,
  root(1),
  `0x${'ff'.repeat(4096)}`,
  '\u0000',
  '💥',
);
const odd: fc.Arbitrary<JsonValue | undefined> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, 1.5, -1n, 0n, 2n ** 64n, 10n ** 70n),
  oddText,
  fc.string(),
  fc.constantFrom<JsonValue>(
    [],
    {},
    [[]],
    [null],
    { length: 1n },
    Array<JsonValue>(100).fill('0x'),
  ),
);
const mutated = fc.constantFrom(...requests).chain((request) => {
  const place = fc.constantFrom(...placesIn(request));
  return fc.array(fc.tuple(place, odd), { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce<JsonObject>((body, [at, value]) => {
      try {
        return replaceAt(body, at, value);
      } catch {
        // An earlier change took the place away.
        return body;
      }
    }, request),
  );
});

describe('whatever is sent to be signed', () => {
  test('a duty with odd members is signed or refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (body) => {
        expectSense(await shared().sign(pubkey, body));
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test('any JSON is refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expectSense(await shared().sign(pubkey, text));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('any text is refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expectSense(await shared().sign(pubkey, text));
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('a batch with odd keys is answered or refused with a reason', async () => {
    const keys = fc.oneof(odd, fc.array(fc.oneof(odd, fc.constantFrom(pubkey, `0x${pubkey}`))));
    await fc.assert(
      fc.asyncProperty(mutated, keys, async (body, identifiers) => {
        expectSense(
          await shared().call('/api/v1/eth2/sign', {
            method: 'POST',
            body: { ...body, identifiers },
          }),
        );
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('an odd identifier is refused with a reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(oddText, fc.string()), async (identifier) => {
        const path = encodeURIComponent(identifier.replace(/^\.+$/, 'x') || 'x');
        expectSense(await shared().sign(path, randao(EPOCH)));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test('nothing of it broke anything', () => {
    expect(shared().server.http.failures).toEqual([]);
    expect(shared().failures).toEqual([]);
  });
});
