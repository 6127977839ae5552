/** Keystores as the Keymanager API brings and names them. */
import type { Secret } from '../../base/secret.ts';

export interface NewKeystores {
  /** EIP-2335 documents, each as text. */
  readonly keystores: readonly string[];
  /** As many; the receiver disposes of them. */
  readonly passwords: readonly Secret[];
  /** An interchange document (EIP-3076). */
  readonly slashingProtection?: string;
}

/** In the words of the Keymanager API. */
export interface KeystoreStatus {
  readonly status: 'imported' | 'duplicate' | 'deleted' | 'not_active' | 'not_found' | 'error';
  readonly message?: string;
}
