/** The package comes without declarations. */
declare module 'secp256k1/bindings.js' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- no declaration of a module may import by a relative path
  type NativeLibrary = import('../../signers/lightning/index.ts').NativeLibrary;

  const bindings: NativeLibrary & {
    /** Of 32 random bytes. */
    readonly contextRandomize: (seed: Uint8Array) => void;
  };
  export = bindings;
}
