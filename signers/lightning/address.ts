/** Addresses of output scripts, for people and for policy lists. */
import { address } from 'bitcoinjs-lib';

import { fromHex, type Hex } from '../../src/base/hex.ts';
import { unreachable } from '../../src/base/unreachable.ts';
import type { BitcoinNetwork } from './lightning-keys.ts';
import { outputTypeOf } from './output-script.ts';

interface AddressForm {
  readonly bech32: string;
  readonly pubKeyHash: number;
  readonly scriptHash: number;
}

const MAINNET: AddressForm = { bech32: 'bc', pubKeyHash: 0x00, scriptHash: 0x05 };
const TESTNET: AddressForm = { bech32: 'tb', pubKeyHash: 0x6f, scriptHash: 0xc4 };
const FORMS: Readonly<Record<BitcoinNetwork, AddressForm>> = {
  MAINNET,
  TESTNET,
  SIGNET: TESTNET,
  REGTEST: { ...TESTNET, bech32: 'bcrt' },
};

/** Base58 or Bech32(m) text; `undefined` for scripts that have no address (BIP173, BIP350). */
export function addressOf(script: Hex, network: BitcoinNetwork): string | undefined {
  const form = FORMS[network];
  const bytes = fromHex(script);
  const type = outputTypeOf(script);
  switch (type) {
    case 'p2wpkh':
    case 'p2wsh':
      return address.toBech32(bytes.slice(2), 0, form.bech32);
    case 'p2tr':
    case 'p2a':
      return address.toBech32(bytes.slice(2), 1, form.bech32);
    case 'p2pkh':
      return address.toBase58Check(bytes.slice(3, 23), form.pubKeyHash);
    case 'p2sh':
      return address.toBase58Check(bytes.slice(2, 22), form.scriptHash);
    case 'op_return':
    case 'other':
      return undefined;
    default:
      return unreachable(type);
  }
}
