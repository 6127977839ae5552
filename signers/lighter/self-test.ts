/**
 * Known answers, which a kernel must reproduce before it signs anything.
 *
 * The key, its public key, the order's elements, hash and signature come from Lighter's own
 * implementation (github.com/elliottech/lighter-go, commit 17f2d60). The hedged signature is ours.
 */
import { equalBytes } from '../../src/base/bytes.ts';
import { fromHex, isHex } from '../../src/base/hex.ts';
import { Secret } from '../../src/base/secret.ts';
import { ENTROPY_SIZE, type LighterKernel } from './lighter-kernel.ts';

const privateKey = bytesOf(
  '0ec9cbbc10d86b43260f8f105e33d6637fe3d195f1b65e749d26eac4370179edc7866663bf322a04',
);
/** The private key plus a multiple of n. */
const wideKey = bytesOf(
  'aacc3eed8b1908cbb14861875167db240c2774fd9f4ac75073ad5d67e0ddff1b' +
    '6d25d30909669b0ffeffffffffffffffffffffffffffffffffffffffffffffff',
);
/** n, which is no private key. */
const groupOrder = bytesOf(
  'e1ff8b9496d90fe89ca024d7395c88e83906b8cfe6ffff7f16000000f1ffff7f07000080fdffff7f',
);
const publicKey = bytesOf(
  'bf2cd4b515430bc374b9af0bd417929e75bdaf887da5e7feec9c249883ce9f19ff3532e419077596',
);
const elements = [
  ...[304n, 14n, 7n, 1767226199000n, 123n, 5n],
  ...[0n, 1n, 1000000n, 50000n, 0n, 0n, 1n, 0n, 0n, 1769644800000n],
];
const hash = bytesOf(
  'b4da7e2a874cc88073d895020fd79e8de36c9ee41a2bfc28c891df9faf6f30a5d56ce43795abad62',
);
const signature = bytesOf(
  'd28076f49dea0dfca4aa834586c3eb69316157a83d4436241bf7a8a415e95f3c8cabd1580eb1c131' +
    'f0a629686ed385fe493556f30f1cbc5b5c35212c8ce88c67e6e16e8445208f282d4af255c5c96024',
);
/** Under entropy of 64 bytes 7. */
const hedgedSignature = bytesOf(
  '800e81a461489008aa59ae2dcf6bb0a7b5320759fdfa841e83edf929834d31e2c450d86d72ba5d1e' +
    '3de91573dec4ba90f6cae991d9d73741a913540756e46227a32c7891e44935914becec8840b4586a',
);

/** The name of the first operation whose answer is not the known one. */
export function firstFailure(kernel: LighterKernel): string | undefined {
  return Object.entries(checks).find(([, reproduces]) => !reproduces(kernel))?.[0];
}

const checks: Readonly<Record<keyof LighterKernel, (kernel: LighterKernel) => boolean>> = {
  hash: (kernel) => equalBytes(kernel.hash(elements), hash),
  isPrivateKey: (kernel) =>
    kernel.isPrivateKey(new Secret(privateKey)) && !kernel.isPrivateKey(new Secret(groupOrder)),
  derivePrivateKey: (kernel) =>
    kernel.derivePrivateKey(new Secret(wideKey)).reveal((key) => equalBytes(key, privateKey)),
  publicKey: (kernel) => equalBytes(kernel.publicKey(new Secret(privateKey)), publicKey),
  sign(kernel) {
    const entropy = new Uint8Array(ENTROPY_SIZE).fill(7);
    return equalBytes(kernel.sign(hash, new Secret(privateKey), entropy), hedgedSignature);
  },
  verify: (kernel) =>
    kernel.verify(signature, hash, publicKey) && !kernel.verify(signature, publicKey, publicKey),
};

function bytesOf(text: string): Uint8Array {
  if (!isHex(text)) throw new Error('known answer is not hex');
  return fromHex(text);
}
