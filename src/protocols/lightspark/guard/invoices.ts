/**
 * Which payment preimages may leave. The nonce of an invoice is derived from seed and invoice id, so
 * every answer is the same for ever, and a release can be compared with it.
 */
import type { Hex } from '../../../base/hex.ts';
import type { Reason } from '../../../core/outcome.ts';
import type { Ledger } from './ledger.ts';

export interface PreimageRelease {
  readonly invoiceId: string;
  readonly nonce: Hex;
  /** What we answer, or would have answered, when asked for this invoice's payment hash. */
  readonly derivedNonce: Hex;
}

/** Remembers that an invoice's payment hash was given out with this nonce. */
export function issueNonce({ invoices, nonces }: Ledger, invoiceId: string, nonce: Hex): void {
  invoices.change(invoiceId, (current) =>
    current?.origin === 'issued' ? current : { nonce, origin: 'issued' },
  );
  nonces.change(nonce, (current) => current ?? { invoiceId });
}

/** Remembers the nonce under which the preimage of an invoice that we did not issue left first. */
export function releaseNonce({ invoices }: Ledger, invoiceId: string, nonce: Hex): void {
  invoices.change(invoiceId, (current) => current ?? { nonce, origin: 'seen' });
}

/** Whether the invoice was issued here, on record or provably. */
export function isKnownInvoice({ invoices }: Ledger, release: PreimageRelease): boolean {
  return (
    release.nonce === release.derivedNonce || invoices.get(release.invoiceId)?.origin === 'issued'
  );
}

export function nonceViolations(
  { invoices, nonces }: Ledger,
  { invoiceId, nonce }: PreimageRelease,
): readonly Reason[] {
  const invoice = invoices.get(invoiceId);
  const owner = nonces.get(nonce)?.invoiceId;
  return [
    ...(owner !== undefined && owner !== invoiceId ? [NONCE_OF_OTHER_INVOICE] : []),
    ...(invoice !== undefined && invoice.nonce !== nonce ? [INVOICE_NONCE_MISMATCH] : []),
  ];
}

const NONCE_OF_OTHER_INVOICE: Reason = {
  code: 'nonce_of_other_invoice',
  message: 'the nonce was issued for another invoice',
};

const INVOICE_NONCE_MISMATCH: Reason = {
  code: 'invoice_nonce_mismatch',
  message: 'the invoice is known under another nonce',
};
