/** Bodies of the Keymanager API (ethereum/keymanager-APIs). */
import { z } from 'zod';

export const imports = z.object({
  keystores: z.array(z.string()).meta({ description: 'EIP-2335 documents, each as text.' }),
  passwords: z
    .array(z.string())
    .meta({ description: 'As many, in the same order.', writeOnly: true }),
  slashing_protection: z.string().nullish().meta({
    description:
      'An interchange document (EIP-3076) as text; imported before any of the keys may sign.',
  }),
});

export const deletion = z.object({
  pubkeys: z.array(z.string()).meta({ description: '48 bytes in hex each.' }),
});
