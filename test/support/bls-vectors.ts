/** Golden requests, signatures and keys of the consensus layer; see the SOURCE.md beside each file. */
import { readFileSync } from 'node:fs';

import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../src/base/json.ts';
import { type Network, NETWORKS } from '../../signers/bls12381/index.ts';
import { hex } from './hex.ts';

export interface SigningRootCase {
  readonly name: string;
  readonly request: JsonObject;
  /** What the network must be for this case to hold. */
  readonly isMinimal: boolean;
  readonly genesisForkVersion?: string;
  readonly signature?: string;
  readonly publicKey?: string;
}

/** Every case of a file under `test/vectors/bls/signing-roots` whose root is known to be right. */
export function signingRootCases(file: string): readonly SigningRootCase[] {
  const document = readVectors(`signing-roots/${file}.json`);
  const cases = isJsonObject(document) ? document['cases'] : document;
  if (!Array.isArray(cases)) throw new Error(`no cases in ${file}`);
  return cases
    .filter(isJsonObject)
    .filter(({ note }) => note === undefined)
    .map((item) => toCase(item, file.includes('minimal')));
}

/** A request whose root is known, of a type, and a fork where types differ by fork. */
export function goodRequest(name: string): JsonObject {
  const found = signingRootCases('produced-mainnet-preset-all-forks').find(
    (item) => item.name === name,
  );
  if (found === undefined) throw new Error(`there is no case ${name}`);
  return found.request;
}

/** A member that is an object. */
export function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (!isJsonObject(value)) throw new Error(`\`${name}\` is no object`);
  return value;
}

/** A member that is a text. */
export function textIn(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw new Error(`\`${name}\` is no text`);
  return value;
}

/** The network that a case was made for. */
export function networkOf({ isMinimal, genesisForkVersion }: SigningRootCase): Network {
  const network = isMinimal ? NETWORKS.minimal : NETWORKS.mainnet;
  if (genesisForkVersion === undefined) return network;
  const [genesis, ...later] = network.forks;
  return {
    ...network,
    forks: [{ ...genesis, version: hex(genesisForkVersion.slice(2)) }, ...later],
  };
}

function toCase(item: JsonObject, isMinimal: boolean): SigningRootCase {
  const { name, request, options, signature, pubkey } = item;
  if (!isJsonObject(request)) throw new Error('a case has no request');
  const genesisForkVersion = isJsonObject(options) ? options['genesisForkVersion'] : undefined;
  return {
    name: typeof name === 'string' ? name : textIn(request, 'type'),
    request,
    isMinimal: isMinimal || (isJsonObject(options) && options['min'] !== undefined),
    ...(typeof genesisForkVersion === 'string' && { genesisForkVersion }),
    ...(typeof signature === 'string' && { signature }),
    ...(typeof pubkey === 'string' && { publicKey: pubkey }),
  };
}

/** A file under `test/vectors/bls`, integers exact. */
export function readVectors(path: string): JsonValue {
  const file = new URL(`../vectors/bls/${path}`, import.meta.url);
  const parsed = parseJson(readFileSync(file));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
