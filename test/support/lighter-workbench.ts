/** The kernel from the inside: its parts on an open workbench, where the product offers signatures only. */
import { kernelBytes } from '../../signers/lighter/create-kernel.ts';
import { instantiate } from '../../signers/lighter/web-assembly.ts';
import { instrument, type Watch } from './wasm-trace.ts';

interface Area {
  readonly value: number;
}

type Operation = (...pointers: readonly number[]) => number;

/** The exports of `kernel/index.ts`. */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly WORKBENCH: Area;
  readonly MESSAGE: Area;
  readonly PRIVATE_KEY: Area;
  readonly PUBLIC_KEY: Area;
  readonly SIGNATURE: Area;
  readonly ENTROPY: Area;
  readonly isPrivateKey: Operation;
  readonly derivePrivateKey: Operation;
  readonly publicKey: Operation;
  readonly sign: Operation;
  readonly verify: Operation;
  readonly extensionAdd: Operation;
  readonly extensionSubtract: Operation;
  readonly extensionMultiply: Operation;
  readonly extensionInvert: Operation;
  readonly extensionIsSquare: Operation;
  readonly extensionSquareRoot: Operation;
  readonly extensionMakeCanonical: Operation;
  readonly curveAdd: Operation;
  readonly curveDouble: Operation;
  readonly curveEncode: Operation;
  readonly curveDecode: Operation;
  readonly curveMultiply: Operation;
  readonly curveMultiplyGenerator: Operation;
  readonly scalarMultiply: Operation;
  readonly scalarSubtract: Operation;
  readonly scalarReduce: Operation;
  readonly scalarReduceWide: Operation;
  readonly sha512: Operation;
  readonly signWithNonce: Operation;
}

/** The shipped kernel. */
export function openKernel(): KernelExports {
  return exportsOf(kernelBytes());
}

/** The shipped kernel under watch. */
export function openWatchedKernel(watch: Watch): KernelExports {
  return exportsOf(instrument(kernelBytes()), { trace: { watch } });
}

function exportsOf(bytes: Uint8Array, imports: object = {}): KernelExports {
  // SAFETY: the bytes are the product's, compiled from `kernel/index.ts`.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return instantiate(bytes, imports) as KernelExports;
}

export interface Workbench {
  /** Puts bytes where a pointer of that place leads. */
  readonly put: (place: number, bytes: Uint8Array) => number;
  readonly take: (place: number, size: number) => Uint8Array;
  /** Calls with a target and operands, and gives the first bytes of the target. */
  readonly compute: (
    operation: Operation,
    size: number,
    ...operands: readonly Uint8Array[]
  ) => Uint8Array;
  readonly fill: (area: Area, bytes: Uint8Array) => void;
  readonly read: (area: Area, size: number) => Uint8Array;
}

/** Room for the largest operand, a point. */
const PLACE_SIZE = 160;

export function createWorkbench(kernel: KernelExports): Workbench {
  const memory = new Uint8Array(kernel.memory.buffer);
  const pointer = (place: number): number => kernel.WORKBENCH.value + place * PLACE_SIZE;
  const put: Workbench['put'] = (place, bytes) => {
    memory.set(bytes, pointer(place));
    return pointer(place);
  };
  const take: Workbench['take'] = (place, size) =>
    memory.slice(pointer(place), pointer(place) + size);
  return {
    put,
    take,
    compute(operation, size, ...operands) {
      const pointers = operands.map((operand, index) => put(index + 1, operand));
      operation(pointer(0), ...pointers);
      return take(0, size);
    },
    fill(area, bytes) {
      memory.set(bytes, area.value);
    },
    read: (area, size) => memory.slice(area.value, area.value + size),
  };
}
