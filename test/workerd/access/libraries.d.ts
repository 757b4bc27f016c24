// As much of them as the tests use: @types/node would bring Node's globals to where Workers' are.

declare module "jsonwebtoken" {
  const library: {
    sign(
      payload: object,
      key: string | import("node:crypto").KeyObject | null,
      options: { readonly algorithm: string; readonly keyid?: string; readonly noTimestamp?: boolean },
    ): string;
  };
  export default library;
}

declare module "node:crypto" {
  export interface KeyObject {
    export(options: { readonly format: "jwk" }): Record<string, unknown>;
  }
  export interface KeyPair {
    readonly publicKey: KeyObject;
    readonly privateKey: KeyObject;
  }
  export function generateKeyPairSync(
    type: "rsa" | "ec" | "ed25519",
    options?: { readonly modulusLength?: number; readonly namedCurve?: string },
  ): KeyPair;
  interface Base64 {
    toString(encoding: "base64url"): string;
  }
  export function sign(algorithm: null, data: Uint8Array, key: KeyObject): Base64;
  export function createHmac(
    algorithm: "sha256",
    key: string,
  ): { update(data: string): { digest(encoding: "base64url"): string } };
}
