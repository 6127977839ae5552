import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { hash160, p2wpkh, p2wsh } from '../../../signers/lightning/output-script.ts';
import {
  buildChannelScript,
  type ChannelScript,
  fundingScript,
  parseChannelScript,
} from '../../../signers/lightning/script.ts';
import { fromHex, toHex } from '../../../src/base/hex.ts';
import { lightsparkVectors } from '../../support/lightspark-vectors.ts';
import { bolt3Transactions } from '../../support/transaction-vectors.ts';
import { hex } from '../../support/hex.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
const key = fc.tuple(fc.constantFrom('02', '03'), bytes(32)).map(([sign, x]) => hex(sign + x));
const hash = bytes(20);
const htlc = {
  revocationHash160: hash,
  remoteHtlcKey: key,
  localHtlcKey: key,
  paymentHash160: hash,
  delayed: fc.boolean(),
};
const anyScript: fc.Arbitrary<ChannelScript> = fc.oneof(
  fc.record({ kind: fc.constant('key_hash' as const), hash160: hash }),
  fc
    .tuple(key, key)
    .filter(([first, second]) => first < second)
    .map((keys) => ({ kind: 'funding' as const, keys })),
  fc.record({
    kind: fc.constant('to_local' as const),
    revocationKey: key,
    toSelfDelay: fc.integer({ min: 1, max: 65_535 }),
    delayedKey: key,
  }),
  fc.record({ kind: fc.constant('to_remote' as const), paymentKey: key }),
  fc.record({ kind: fc.constant('anchor' as const), fundingKey: key }),
  fc.record({ kind: fc.constant('offered_htlc' as const), ...htlc }),
  fc.record({
    kind: fc.constant('received_htlc' as const),
    cltvExpiry: fc.integer({ min: 1, max: 0xffffffff }),
    ...htlc,
  }),
);

describe('scripts of a channel', () => {
  test('are recognised from what they were built from', () => {
    fc.assert(
      fc.property(anyScript, (parts) => {
        expect(parseChannelScript(buildChannelScript(parts))).toEqual(parts);
      }),
    );
  });

  test('are not recognised with any byte changed to another opcode, length or end', () => {
    const script = buildChannelScript({
      kind: 'to_local',
      revocationKey: hex(`02${'11'.repeat(32)}`),
      toSelfDelay: 144,
      delayedKey: hex(`03${'22'.repeat(32)}`),
    });
    expect(parseChannelScript(script)).toBeDefined();
    for (const changed of [`${script}00`, `00${script}`, script.slice(2), script.slice(0, -2)]) {
      expect(parseChannelScript(hex(changed))).toBeUndefined();
    }
    for (const opcode of [0, 1, 35, 36, 39, 40, 41, 75, 76]) {
      const at = 2 * opcode;
      const changed = `${script.slice(0, at)}fe${script.slice(at + 2)}`;
      expect(parseChannelScript(hex(changed))).toBeUndefined();
    }
  });

  test('never throw on random bytes, and mostly mean nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        expect(parseChannelScript(toHex(random))).toBeUndefined();
      }),
    );
  });

  test('must push numbers in their shortest form', () => {
    const toLocal = (push: string) =>
      hex(`632102${'11'.repeat(32)}67${push}b2752103${'22'.repeat(32)}68ac`);
    expect(parseChannelScript(toLocal('5a'))).toMatchObject({ toSelfDelay: 10 });
    expect(parseChannelScript(toLocal('029000'))).toMatchObject({ toSelfDelay: 144 });
    for (const push of ['010a', '03107f00', '03900000', '0180', '029080', '0100']) {
      expect(parseChannelScript(toLocal(push))).toBeUndefined();
    }
  });

  test('a funding script has its keys in ascending order, as BOLT 3 sorts them', () => {
    const [low, high] = [hex(`02${'11'.repeat(32)}`), hex(`03${'00'.repeat(32)}`)];
    expect(fundingScript(high, low)).toBe(fundingScript(low, high));
    expect(parseChannelScript(fundingScript(high, low))).toMatchObject({ keys: [low, high] });
    expect(parseChannelScript(hex(`5221${high}21${low}52ae`))).toBeUndefined();
  });

  test('a number that does not fit a script is a bug of the caller', () => {
    const [revocationKey, delayedKey] = [hex(`02${'11'.repeat(32)}`), hex(`03${'22'.repeat(32)}`)];
    for (const toSelfDelay of [0, -1, 1.5, 2 ** 39]) {
      expect(() =>
        buildChannelScript({ kind: 'to_local', revocationKey, toSelfDelay, delayedKey }),
      ).toThrow(RangeError);
    }
  });
});

describe('published scripts', () => {
  test('to_local of BOLT 3 appendix C', () => {
    const { to_local: given } = bolt3Transactions;
    const parts = {
      kind: 'to_local' as const,
      revocationKey: given.revocation_key,
      toSelfDelay: given.to_self_delay,
      delayedKey: given.delayed_key,
    };
    expect(buildChannelScript(parts)).toBe(given.witness_script);
    expect(p2wsh(given.witness_script)).toBe(given.output_script);
  });

  test('anchors and delayed to_remote of BOLT 3 appendix C', () => {
    const { anchors, to_remote } = bolt3Transactions;
    for (const { funding_key: fundingKey, output_script } of anchors) {
      expect(p2wsh(buildChannelScript({ kind: 'anchor', fundingKey }))).toBe(output_script);
    }
    const { payment_key: paymentKey, output_script } = to_remote;
    expect(p2wsh(buildChannelScript({ kind: 'to_remote', paymentKey }))).toBe(output_script);
  });

  test.each(lightsparkVectors.payment_hash_from_htlc_script)(
    'the payment hash stands where the official go-sdk finds it',
    ({ script, ripemd160_of_payment_hash }) => {
      expect(parseChannelScript(script)).toMatchObject({
        kind: 'offered_htlc',
        paymentHash160: ripemd160_of_payment_hash,
        delayed: true,
      });
    },
  );

  test.each(lightsparkVectors.bip143)('$kind is recognised', (given) => {
    const parts = parseChannelScript(given.script);
    const kinds = {
      0: /^funding$/,
      2: /^key_hash$/,
      3: /^to_local$/,
      4: /^(offered|received)_htlc$/,
    };
    const byKey = new Map(Object.entries(kinds));
    expect(parts?.kind).toMatch(byKey.get(given.derivation_path.slice(-1)) ?? 'no such key');
    if (given.public_key === undefined) return;
    const isKeyHash = parts?.kind === 'key_hash';
    const own = isKeyHash ? hash160(fromHex(given.public_key)) : given.public_key;
    expect(JSON.stringify(parts)).toContain(own);
    if (isKeyHash) expect(p2wpkh(given.public_key)).toBe(given.script);
  });
});
