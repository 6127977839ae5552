/**
 * The published WebAssembly signer, npm `lighter-ts-sdk`: Lighter's Go code of 2025, as an oracle and as a
 * contender.
 *
 * It runs in a global scope of its own, because it puts its functions there. Its layouts of the
 * transactions below are still the exchange's; it knows no attributes, and signs margin mode 0, cross,
 * whichever it is asked for.
 */
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';

import type { SigningRequest } from '../../signers/lighter/index.ts';
import type { Hex } from '../../src/base/hex.ts';
import { unreachable } from '../../src/base/unreachable.ts';

export type GoRequest =
  | SigningRequest<'CreateOrder'>
  | SigningRequest<'CancelOrder'>
  | SigningRequest<'CancelAllOrders'>
  | SigningRequest<'UpdateLeverage'>;

/** On whose behalf a signer signs, whatever the request says. */
export interface GoAccount {
  readonly privateKey: Hex;
  readonly accountIndex: number;
  readonly apiKeyIndex: number;
  readonly chainId: number;
}

/** Gives `tx_info`, whose expiry follows the clock. Integers are exact to 2^53. */
export type GoSigner = (request: GoRequest) => string;

interface GoAnswer {
  readonly error: string;
  readonly txInfo?: string;
}

type SignFunction = (...fields: readonly number[]) => GoAnswer;

interface GoFunctions {
  readonly CreateClient: (key: Hex, account: number, apiKey: number, chain: number) => GoAnswer;
  readonly SignCreateOrder: SignFunction;
  readonly SignCancelOrder: SignFunction;
  readonly SignCancelAllOrders: SignFunction;
  readonly SignUpdateLeverage: SignFunction;
}

/** Starts a runtime, which takes about a second. */
export async function createGoSigner(account: GoAccount): Promise<GoSigner> {
  const go = await startGo();
  const { privateKey, accountIndex, apiKeyIndex, chainId } = account;
  const created = go.CreateClient(privateKey, accountIndex, apiKeyIndex, chainId);
  if (created.error !== '') throw new Error(created.error);
  return (request) => {
    const { error, txInfo } = sign(go, request);
    if (txInfo === undefined) throw new Error(error);
    return txInfo;
  };
}

function sign(go: GoFunctions, { name, transaction: tx }: GoRequest): GoAnswer {
  switch (name) {
    case 'CreateOrder':
      return go.SignCreateOrder(
        ...numbers(tx.MarketIndex, tx.ClientOrderIndex, tx.BaseAmount, tx.Price, tx.IsAsk, tx.Type),
        ...numbers(tx.TimeInForce, tx.ReduceOnly, tx.TriggerPrice, tx.OrderExpiry, tx.Nonce),
      );
    case 'CancelOrder':
      return go.SignCancelOrder(...numbers(tx.MarketIndex, tx.Index, tx.Nonce));
    case 'CancelAllOrders':
      return go.SignCancelAllOrders(...numbers(tx.TimeInForce, tx.Time, tx.Nonce));
    case 'UpdateLeverage':
      return go.SignUpdateLeverage(
        ...numbers(tx.MarketIndex, tx.InitialMarginFraction, tx.MarginMode, tx.Nonce),
      );
    default:
      return unreachable(name);
  }
}

function numbers(...fields: readonly bigint[]): readonly number[] {
  return fields.map(Number);
}

async function startGo(): Promise<GoFunctions> {
  const require = createRequire(import.meta.url);
  const runtime = readFileSync(require.resolve('lighter-ts-sdk/wasm/wasm_exec.js'), 'utf8');
  const wasm = readFileSync(require.resolve('lighter-ts-sdk/wasm/lighter-signer.wasm'));
  const globals = { performance, TextEncoder, TextDecoder, console, setTimeout, clearTimeout };
  const scope = createContext({ ...globals, crypto: webcrypto, wasm });
  runInContext(runtime, scope);
  runInContext(
    `{
      const go = new Go();
      void go.run(new WebAssembly.Instance(new WebAssembly.Module(wasm), go.importObject));
    }`,
    scope,
  );
  // Its `main` puts the functions there once this turn is over.
  await setImmediate();
  // SAFETY: the functions of that package, version 1.1.0-beta.1.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return scope as unknown as GoFunctions;
}
