/** Elements of GF(p^5) on the wire: 40 bytes are five limbs of 64 bits, little endian. */

const LIMB_SIZE = 8;

export function limbsOf(bytes: Uint8Array): readonly bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / LIMB_SIZE }, (_, index) =>
    view.getBigUint64(index * LIMB_SIZE, true),
  );
}
