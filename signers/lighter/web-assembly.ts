/** The little of the WebAssembly API that the kernel needs; its usual types come with a browser. */

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

declare const WebAssembly: WebAssemblyApi;

/** The exports of a module that imports nothing; throws where the bytes are no such module. */
export function instantiate(bytes: Uint8Array): object {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}
