/**
 * Lighter's cryptography, compiled from `kernel/` to WebAssembly: Poseidon2 and Schnorr signatures over
 * ecGFp5. `kernel/index.ts` says what it keeps to itself; `kernel/schnorr.ts` gives the formulas.
 */
import { base64 } from '@scure/base';

import { Secret } from '../../src/base/secret.ts';
import { KERNEL_BASE64 } from './kernel-bytes.generated.ts';
import {
  ENTROPY_SIZE,
  type LighterKernel,
  MESSAGE_SIZE,
  PRIVATE_KEY_SIZE,
  PUBLIC_KEY_SIZE,
  SIGNATURE_SIZE,
} from './lighter-kernel.ts';
import { firstFailure } from './self-test.ts';
import { instantiate } from './web-assembly.ts';

const MAX_ELEMENTS = 64;

interface Area {
  readonly value: number;
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly ELEMENTS: Area;
  readonly MESSAGE: Area;
  readonly PRIVATE_KEY: Area;
  readonly PUBLIC_KEY: Area;
  readonly SIGNATURE: Area;
  readonly ENTROPY: Area;
  readonly hash: (count: number) => void;
  readonly isPrivateKey: () => number;
  readonly derivePrivateKey: () => void;
  readonly publicKey: () => void;
  readonly sign: () => void;
  readonly verify: () => number;
}

/** The compiled kernel. */
export function kernelBytes(): Uint8Array {
  return base64.decode(KERNEL_BASE64);
}

/**
 * A kernel with memory of its own; workers create one each. It takes some ten milliseconds, most of
 * them for a table of multiples of the generator, and throws where known answers are not reproduced.
 */
export function createLighterKernel(bytes: Uint8Array = kernelBytes()): LighterKernel {
  // SAFETY: the bytes are compiled from `kernel/index.ts`, and the self-test calls every export.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const wasm = instantiate(bytes) as KernelExports;
  const memory = new Uint8Array(wasm.memory.buffer);
  const elementSlots = new BigInt64Array(wasm.memory.buffer, wasm.ELEMENTS.value, MAX_ELEMENTS);

  function write(area: Area, bytes: Uint8Array, size: number): void {
    if (bytes.length !== size) {
      throw new RangeError(`${String(bytes.length)} bytes where ${String(size)} belong`);
    }
    memory.set(bytes, area.value);
  }

  function writeSecret(area: Area, secret: Secret, size: number): void {
    secret.reveal((bytes) => {
      write(area, bytes, size);
    });
  }

  function read(area: Area, size: number): Uint8Array {
    return memory.slice(area.value, area.value + size);
  }

  const kernel: LighterKernel = Object.freeze({
    hash(elements) {
      elementSlots.set(elements);
      wasm.hash(elements.length);
      return read(wasm.MESSAGE, MESSAGE_SIZE);
    },
    isPrivateKey(key) {
      writeSecret(wasm.PRIVATE_KEY, key, PRIVATE_KEY_SIZE);
      return wasm.isPrivateKey() === 1;
    },
    derivePrivateKey(wide) {
      writeSecret(wasm.ENTROPY, wide, ENTROPY_SIZE);
      wasm.derivePrivateKey();
      const key = new Secret(read(wasm.PRIVATE_KEY, PRIVATE_KEY_SIZE));
      if (wasm.isPrivateKey() !== 1)
        throw new RangeError('bytes yield no private key; draw others');
      return key;
    },
    publicKey(privateKey) {
      writeSecret(wasm.PRIVATE_KEY, privateKey, PRIVATE_KEY_SIZE);
      wasm.publicKey();
      return read(wasm.PUBLIC_KEY, PUBLIC_KEY_SIZE);
    },
    sign(message, privateKey, entropy) {
      write(wasm.MESSAGE, message, MESSAGE_SIZE);
      write(wasm.ENTROPY, entropy, ENTROPY_SIZE);
      writeSecret(wasm.PRIVATE_KEY, privateKey, PRIVATE_KEY_SIZE);
      wasm.sign();
      return read(wasm.SIGNATURE, SIGNATURE_SIZE);
    },
    verify(signature, message, publicKey) {
      write(wasm.SIGNATURE, signature, SIGNATURE_SIZE);
      write(wasm.MESSAGE, message, MESSAGE_SIZE);
      write(wasm.PUBLIC_KEY, publicKey, PUBLIC_KEY_SIZE);
      return wasm.verify() === 1;
    },
  } satisfies LighterKernel);

  const failure = firstFailure(kernel);
  if (failure !== undefined) {
    throw new Error(
      `lighter kernel fails its self-test at \`${failure}\`; install the product anew`,
    );
  }
  return kernel;
}
