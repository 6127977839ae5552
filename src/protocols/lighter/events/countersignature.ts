/** How the L1 wallet takes part: it is kept here, it signed elsewhere, or it is still to sign. */
import type { z } from 'zod';

import { l1Signature, wallet } from './fields.ts';
import type { FieldProblem } from './field-problem.ts';

export const countersignatureShape = {
  wallet: wallet.optional(),
  l1_signature: l1Signature.optional(),
};

type Asked = z.output<z.ZodObject<typeof countersignatureShape>>;

type Countersignature =
  | { readonly L1Sig: string; readonly by: { readonly wallet?: string } }
  | { readonly refused: FieldProblem };

export function countersignature({ wallet: by, l1_signature: signature }: Asked): Countersignature {
  if (by === undefined) return { L1Sig: signature ?? '', by: {} };
  if (signature === undefined) return { L1Sig: '', by: { wallet: by } };
  return { refused: { field: 'l1_signature', rule: 'must not stand beside `wallet`' } };
}
