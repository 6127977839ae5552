/** `npm run build:kernel`: writes the compiled Lighter kernel where the product imports it. */
import { writeFileSync } from 'node:fs';

import { compileKernel, kernelSource } from './compile-kernel.ts';

writeFileSync('signers/lighter/kernel-bytes.generated.ts', kernelSource(compileKernel()));
