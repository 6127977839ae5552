import { expect, test } from '@jest/globals';

import { createLighterKernel, kernelBytes } from '../../../signers/lighter/create-kernel.ts';
import { KERNEL_BASE64 } from '../../../signers/lighter/kernel-bytes.generated.ts';
import { Secret } from '../../../src/base/secret.ts';
import { compileKernel, kernelSource } from '../../../scripts/compile-kernel.ts';

test('the kernel that ships is compiled from the sources that ship', () => {
  expect(kernelSource(compileKernel())).toContain(`'${KERNEL_BASE64}'`);
}, 180_000);

/** The kernel with one bit of a 64-bit constant flipped. */
function withFlippedConstant(constant: bigint): Uint8Array {
  const bytes = kernelBytes();
  const view = new DataView(bytes.buffer);
  const last = bytes.length - 8;
  const positions = Array.from({ length: last }, (_, position) => position);
  const position = positions.find((at) => view.getBigUint64(at, true) === constant);
  if (position === undefined) throw new Error('constant is not in the kernel');
  view.setUint8(position, view.getUint8(position) ^ 1);
  return bytes;
}

test.each([
  { part: 'a round constant of Poseidon2', constant: 15492826721047263190n, failing: 'hash' },
  { part: 'a round constant of SHA-512', constant: 0x428a2f98d728ae22n, failing: 'sign' },
  {
    part: 'a root of unity of the extension',
    constant: 1041288259238279555n,
    failing: 'publicKey',
  },
])('a kernel in which $part has one bit flipped refuses to start', ({ constant, failing }) => {
  const bytes = withFlippedConstant(constant);
  expect(() => createLighterKernel(bytes)).toThrow(`self-test at \`${failing}\``);
});

test('bytes that are no module are refused', () => {
  expect(() => createLighterKernel(new Uint8Array([0, 97, 115, 109]))).toThrow();
});

test('kernels have memory of their own', () => {
  const [one, other] = [createLighterKernel(), createLighterKernel()];
  const key = new Secret(Uint8Array.from({ length: 40 }, (_, index) => (index === 0 ? 9 : 0)));
  const publicKey = one.publicKey(key);
  other.publicKey(new Secret(new Uint8Array(40).fill(1)));
  expect(one.publicKey(key)).toEqual(publicKey);
});

test('the memory of a kernel never grows, so that views of it stay valid', () => {
  const kernel = createLighterKernel();
  const key = new Secret(new Uint8Array(40).fill(1));
  const signatures = Array.from({ length: 50 }, () =>
    kernel.sign(new Uint8Array(40), key, new Uint8Array(64)),
  );
  expect(new Set(signatures.map(String)).size).toBe(1);
});
