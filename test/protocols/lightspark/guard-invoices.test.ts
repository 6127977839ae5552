/** Which preimages leave: DESIGN section 4, "Invoices". */
import { describe, expect, test } from '@jest/globals';

import { type Hex, toHex } from '../../../src/base/hex.ts';
import { createGuardedSigner, type GuardedSigner } from '../../support/guarded-signer.ts';
import { hex } from '../../support/hex.ts';

const DAY = 86_400_000;
const foreignNonce = hex('11'.repeat(32));
const otherNonce = hex('22'.repeat(32));

const nonceOf = (signer: GuardedSigner, invoiceId: string) =>
  toHex(signer.keys.invoiceNonce(invoiceId));
const request = (signer: GuardedSigner, invoiceId: string) =>
  signer.ask('REQUEST_INVOICE_PAYMENT_HASH', { invoiceId });
const release = (signer: GuardedSigner, invoiceId: string, preimageNonce?: Hex) =>
  signer.ask('RELEASE_PAYMENT_PREIMAGE', {
    invoiceId,
    ...(preimageNonce !== undefined && { preimageNonce }),
    isUma: false,
    isLnurl: false,
  });

describe('payment hashes', () => {
  test('come from the same nonce for ever, on every replica', () => {
    const [signer, replica] = [createGuardedSigner(), createGuardedSigner()];
    const inputs = { kind: 'payment_hash', invoiceId: 'A', nonce: nonceOf(signer, 'A') };
    expect(request(signer, 'A')).toMatchObject({ signed: true, inputs });
    expect(request(signer, 'A')).toMatchObject({ signed: true, inputs });
    expect(request(replica, 'A')).toMatchObject({ signed: true, inputs });
    expect(nonceOf(signer, 'B')).not.toBe(nonceOf(signer, 'A'));
  });

  test('are known to policy once given out', () => {
    const signer = createGuardedSigner();
    expect(request(signer, 'A').finding.facts).toMatchObject({ invoice_known: false });
    expect(request(signer, 'A').finding.facts).toMatchObject({ invoice_known: true });
  });
});

describe('preimages', () => {
  test('of a known invoice leave under its nonce, again and again', () => {
    const signer = createGuardedSigner();
    request(signer, 'A');
    for (const nonce of [nonceOf(signer, 'A'), nonceOf(signer, 'A')]) {
      expect(release(signer, 'A', nonce)).toMatchObject({
        signed: true,
        finding: { facts: { invoice_known: true } },
        inputs: { kind: 'payment_preimage', invoiceId: 'A', nonce },
      });
    }
  });

  test('under the derived nonce are known even where no record is', () => {
    const signer = createGuardedSigner();
    expect(release(signer, 'A', nonceOf(signer, 'A')).finding.facts).toMatchObject({
      invoice_known: true,
    });
  });

  test('of a known invoice never leave under another nonce', () => {
    const signer = createGuardedSigner();
    request(signer, 'A');
    expect(release(signer, 'A', foreignNonce)).toMatchObject({
      signed: false,
      violations: ['invoice_nonce_mismatch'],
      inputs: {},
    });
  });

  test('never leave under the nonce of another invoice', () => {
    const signer = createGuardedSigner();
    request(signer, 'A');
    expect(release(signer, 'B', nonceOf(signer, 'A')).violations).toEqual([
      'nonce_of_other_invoice',
    ]);
    request(signer, 'B');
    expect(release(signer, 'B', nonceOf(signer, 'A')).violations).toEqual([
      'nonce_of_other_invoice',
      'invoice_nonce_mismatch',
    ]);
  });

  test('of an unknown invoice are a fact for policy, within the migration window or not', () => {
    const start = Date.UTC(2026, 0, 1);
    const signer = createGuardedSigner({ migrationSince: start, migrationWindowMs: 30 * DAY });
    const facts = { invoice_known: false, preimage_imported: false };
    expect(release(signer, 'old', foreignNonce)).toMatchObject({
      signed: true,
      finding: { facts: { ...facts, within_migration_window: true } },
    });
    signer.wait(31 * DAY);
    expect(release(signer, 'older', otherNonce)).toMatchObject({
      signed: true,
      finding: { facts: { ...facts, within_migration_window: false } },
    });
  });

  test('that left under a foreign nonce do not leave under a second one', () => {
    const signer = createGuardedSigner();
    expect(release(signer, 'old', foreignNonce).signed).toBe(true);
    expect(release(signer, 'old', foreignNonce).signed).toBe(true);
    expect(release(signer, 'old', otherNonce).violations).toEqual(['invoice_nonce_mismatch']);
  });

  test('two invoices of a former signer may share a nonce', () => {
    const signer = createGuardedSigner();
    expect(release(signer, 'one', foreignNonce).signed).toBe(true);
    expect(release(signer, 'two', foreignNonce).signed).toBe(true);
  });

  test('without a nonce leave only if they were imported; else the operator is told how', () => {
    const signer = createGuardedSigner({ importedInvoices: ['own'] });
    expect(release(signer, 'own')).toMatchObject({
      signed: true,
      finding: { facts: { preimage_imported: true } },
      inputs: { kind: 'imported_preimage', invoiceId: 'own' },
    });
    const asked = release(signer, 'lost');
    expect(asked).toMatchObject({ signed: false, violations: [], doubts: ['no_preimage'] });
    expect(asked.finding.doubts[0]?.message).toContain(
      'countersign lightning import-preimage --invoice lost',
    );
  });

  test('of an invoice withheld for one reason stay unrecorded', () => {
    const signer = createGuardedSigner();
    request(signer, 'A');
    release(signer, 'B', nonceOf(signer, 'A'));
    expect(signer.document('main/invoice/B')).toBeUndefined();
  });
});

describe('beside another signer (observe mode)', () => {
  test('its nonces are not ours, so a later release of its invoices is no violation', () => {
    const signer = createGuardedSigner({ mode: 'observe' });
    request(signer, 'A');
    expect(release(signer, 'A', foreignNonce)).toMatchObject({
      violations: [],
      finding: { facts: { invoice_known: false } },
    });
  });
});

describe('test events', () => {
  test('may repeat an invoice with any nonce', () => {
    const signer = createGuardedSigner({ space: 'test', keyId: 'lightspark/test' });
    request(signer, 'A');
    expect(release(signer, 'A', foreignNonce)).toMatchObject({ signed: true });
    expect(release(signer, 'A').doubts).toEqual(['no_preimage']);
  });
});
