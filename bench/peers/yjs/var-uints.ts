/** Reads the numbers that Yjs writes, seven bits a byte, one after the other; 0 where there are none left. */
export class VarUints {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    let value = 0;
    // Not by shifts: a client's number has 32 bits.
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  }
}
