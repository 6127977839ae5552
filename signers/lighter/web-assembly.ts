/** The little of the WebAssembly API that the kernel needs; its usual types come with a browser. */

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

declare const WebAssembly: WebAssemblyApi;

/** The exports of a module; throws where the bytes are none, or ask for other imports. */
export function instantiate(bytes: Uint8Array, imports: object = {}): object {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
}
