/**
 * The shared library, opened and bound by `koffi`; nothing else in the product calls foreign code.
 *
 * - Every text that the library returns is a disposable: copied, then released by the library's `Free`.
 * - Calls, those of `Free` too, run on other threads than the main one: there Go finds the bounds of its
 *   stack much faster (golang/go issue 68587), and the event loop goes on.
 * - `CheckClient` is not bound, and the URL is empty: the library never speaks to anybody.
 */
import type { TransactionName } from '../../../signers/lighter/index.ts';
import { atMost } from '../bls/at-most.ts';
import type { Abi, ScalarType } from './abi.ts';
import type { ForeignValue } from './arguments.ts';

/** What the library gives to be signed for: a transaction, or an error and nothing else. */
export interface ForeignTransaction {
  readonly txType: number;
  readonly txInfo: string | null;
  readonly txHash: string | null;
  readonly messageToSign: string | null;
  readonly err: string | null;
}

export interface NewClient {
  /** Hex digits and a terminating zero; must stay as they are until the call is over. */
  readonly privateKey: Uint8Array;
  readonly chainId: number;
  readonly apiKey: number;
  readonly account: bigint;
}

export interface ForeignLibrary {
  /** Gives a slot its key, in place of any other; yields what the library has against it. */
  readonly createClient: (client: NewClient) => Promise<string | null>;
  readonly sign: (
    name: TransactionName,
    values: readonly ForeignValue[],
  ) => Promise<ForeignTransaction>;
}

const NO_URL = '';

/** As many as koffi keeps stacks for; of more than 256 it refuses the rest. */
const MAX_CALLS = 8;

/**
 * Opens the library and looks up every function of the generation. Throws where the file cannot be
 * loaded or lacks a function. What is opened stays open: a Go library cannot be unloaded.
 */
export async function openKoffiLibrary(path: string, abi: Abi): Promise<ForeignLibrary> {
  // Loaded here, so that a platform without koffi can still run the product without the library.
  const { default: koffi } = await import('koffi');
  const library = koffi.load(path);
  const free = library.func('Free', 'void', ['void *']);
  const text = koffi.disposable('char *', (pointer: unknown) => {
    if (pointer !== null) void call(free, [pointer]);
  });
  const signed = koffi.struct({
    txType: 'uint8',
    txInfo: text,
    txHash: text,
    messageToSign: text,
    err: text,
  });
  const order = koffi.struct(
    Object.fromEntries(abi.order.map(({ name, type }) => [name, SCALARS[type]])),
  );
  const orders = koffi.pointer(order);

  const createClient = library.func('CreateClient', text, [
    'str',
    'uint8_t *',
    'int',
    'int',
    'longlong',
  ]);
  const functions = new Map(
    Object.entries(abi.functions).map(([name, values]) => {
      const types = values.map(({ type }) => (type === 'orders' ? orders : SCALARS[type]));
      return [name, library.func(`Sign${name}`, signed, types)];
    }),
  );
  const inTurn = atMost(MAX_CALLS);

  return Object.freeze({
    createClient: ({ privateKey, chainId, apiKey, account }) =>
      inTurn(() => call(createClient, [NO_URL, privateKey, chainId, apiKey, account])),
    sign(name, values) {
      const sign = functions.get(name);
      if (sign === undefined) throw new Error(`the library has no function for \`${name}\``);
      return inTurn(() => call(sign, values));
    },
  } satisfies ForeignLibrary);
}

const SCALARS: Readonly<Record<ScalarType, string>> = {
  int: 'int',
  uint: 'uint32',
  uint32: 'uint32',
  longlong: 'longlong',
  ulonglong: 'ulonglong',
  uint8: 'uint8',
  int16: 'int16',
  text: 'str',
};

interface ForeignFunction {
  readonly async: (...values: unknown[]) => unknown;
}

/** Calls on another thread; the function's type says what comes back. */
function call<Out>(foreign: ForeignFunction, values: readonly unknown[]): Promise<Out> {
  return new Promise((resolve, reject) => {
    foreign.async(...values, (error: unknown, result: Out) => {
      if (error === null || error === undefined) resolve(result);
      else reject(error instanceof Error ? error : new Error('foreign call failed'));
    });
  });
}
