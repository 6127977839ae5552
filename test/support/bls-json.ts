/** SSZ types of Lodestar made to keep whole uint64s, and JSON of any of their values. */
import {
  BitListType,
  BitVectorType,
  BooleanType,
  ByteListType,
  ByteVectorType,
  ContainerType,
  isCompositeType,
  ListBasicType,
  ListCompositeType,
  ProgressiveBitListType,
  ProgressiveByteListType,
  ProgressiveContainerType,
  ProgressiveListCompositeType,
  Type,
  UintBigintType,
  UintNumberType,
  VectorCompositeType,
} from '@chainsafe/ssz';
import fc from 'fast-check';

import type { JsonValue } from '../../src/base/json.ts';
import { toHex } from '../../src/base/hex.ts';

export type AnyType = Type<unknown>;

export const uint64 = new UintBigintType(8);

/** The type with integers that keep all 64 bits, which those of Lodestar do not. */
export function widen(type: AnyType): AnyType {
  if (type instanceof UintNumberType) return uint64;
  if (type instanceof ListBasicType) return new ListBasicType(uint64, type.limit);
  if (type instanceof ListCompositeType) {
    return new ListCompositeType(wideItem(type), type.limit);
  }
  if (type instanceof VectorCompositeType) {
    return new VectorCompositeType(wideItem(type), type.length);
  }
  if (type instanceof ProgressiveListCompositeType) {
    return new ProgressiveListCompositeType(wideItem(type));
  }
  if (type instanceof ProgressiveContainerType) {
    return new ProgressiveContainerType(wideFields(type), type.activeFields, { jsonCase: 'eth2' });
  }
  if (type instanceof ContainerType) {
    return new ContainerType(wideFields(type), { jsonCase: 'eth2' });
  }
  return type;
}

type Composite = ConstructorParameters<typeof ListCompositeType>[0];

function wideItem(type: { readonly elementType: unknown }): Composite {
  const item = widen(asType(type.elementType));
  if (isCompositeType(item)) return item;
  throw new Error('a list of composites has an item that is none');
}

interface Entry {
  readonly fieldName: string | number | symbol;
  readonly jsonKey: string;
  readonly fieldType: unknown;
}

function wideFields(type: { readonly fieldsEntries: readonly Entry[] }): Record<string, AnyType> {
  return Object.fromEntries(
    type.fieldsEntries.map(
      ({ fieldName, fieldType }) => [String(fieldName), widen(asType(fieldType))] as const,
    ),
  );
}

function isType(value: unknown): value is AnyType {
  return value instanceof Type;
}

function asType(value: unknown): AnyType {
  if (isType(value)) return value;
  throw new Error('a member of a type is no type');
}

/** JSON of any value of a type; lists stay short, but reach the third subtree where they are progressive. */
export function jsonOf(type: AnyType): fc.Arbitrary<JsonValue> {
  if (type instanceof ListBasicType) return items(jsonOf(uint64), 0, Math.min(type.limit, 20));
  if (type instanceof VectorCompositeType) {
    return items(jsonOf(asType(type.elementType)), type.length, type.length);
  }
  if (type instanceof ListCompositeType) {
    return items(jsonOf(asType(type.elementType)), 0, Math.min(type.limit, 3));
  }
  if (type instanceof ProgressiveListCompositeType) {
    return items(jsonOf(asType(type.elementType)), 0, 7);
  }
  if (type instanceof ContainerType || type instanceof ProgressiveContainerType) {
    const entries: readonly Entry[] = type.fieldsEntries;
    const members = entries.map(
      ({ jsonKey, fieldType }) => [jsonKey, jsonOf(asType(fieldType))] as const,
    );
    return fc.record(Object.fromEntries(members));
  }
  return leafOf(type);
}

function leafOf(type: AnyType): fc.Arbitrary<JsonValue> {
  if (type instanceof UintBigintType) return integer(8n * BigInt(type.byteLength));
  if (type instanceof BooleanType) return fc.boolean();
  if (type instanceof ByteVectorType) return bytes(type.lengthBytes, type.lengthBytes);
  if (type instanceof ProgressiveByteListType) return bytes(0, 800);
  if (type instanceof ByteListType) return bytes(0, Math.min(type.limitBytes, 200));
  if (type instanceof BitVectorType) return bitvector(type.lengthBits);
  if (type instanceof ProgressiveBitListType) return bitlist(6_000);
  if (type instanceof BitListType) return bitlist(type.limitBits);
  throw new Error(`no JSON for ${type.typeName}`);
}

function items(
  item: fc.Arbitrary<JsonValue>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<JsonValue> {
  return fc.array(item, { minLength, maxLength });
}

function integer(bits: bigint): fc.Arbitrary<JsonValue> {
  const value = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** bits - 1n }),
    fc.constantFrom(0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** bits - 1n),
  );
  return fc.oneof(value, value.map(String));
}

function bytes(minLength: number, maxLength: number): fc.Arbitrary<JsonValue> {
  return fc.uint8Array({ minLength, maxLength }).map(withPrefix);
}

function bitvector(length: number): fc.Arbitrary<JsonValue> {
  const size = Math.ceil(length / 8);
  return fc.uint8Array({ minLength: size, maxLength: size }).map((value) => {
    value[size - 1] = (value[size - 1] ?? 0) & (0xff >> (8 * size - length));
    return withPrefix(value);
  });
}

function bitlist(limit: number): fc.Arbitrary<JsonValue> {
  const length = fc.oneof(fc.nat({ max: Math.min(limit, 600) }), fc.constant(limit));
  return length.chain((bits) => {
    const size = (bits >> 3) + 1;
    return fc.uint8Array({ minLength: size, maxLength: size }).map((value) => {
      const end = 1 << (bits & 7);
      value[size - 1] = ((value[size - 1] ?? 0) & (end - 1)) | end;
      return withPrefix(value);
    });
  });
}

export function withPrefix(value: Uint8Array): string {
  return `0x${toHex(value)}`;
}
