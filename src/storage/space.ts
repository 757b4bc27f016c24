import type { Space } from "../protocol/index.ts";
import type { Tables } from "./tables.ts";

/** How much is stored of a document, which is asked for only now and then: each time takes 6 µs (workerd, 2026-11-27). */
export interface Stored {
  /** Bytes, as of now. */
  readonly bytes: number;
  /** Whether there is room for more than is stored, as far as that was measured. */
  spaceFor(maxBytes: number): Space;
  /** So many characters of log have come to it. */
  logged(characters: number, maxBytes: number): void;
  /** Much may have been written, or let go. */
  changed(): void;
}

/** Of what may be stored; from then on it is told. */
const LOW = 0.8;
/** It is measured anew after so many characters of log, or such a part of what may be stored. */
const MEASURED_AFTER = 64 * 1024;
const PART = 1 / 200;

export function createStored(tables: Pick<Tables, "bytes" | "capacity">): Stored {
  let bytes: number | null = null;
  /** Characters of log since it was measured. */
  let unmeasured = 0;
  const bytesNow = () => {
    if (bytes === null) unmeasured = 0;
    bytes ??= tables.bytes;
    return bytes;
  };
  const changed = () => {
    bytes = null;
  };
  return {
    get bytes() {
      changed();
      return bytesNow();
    },
    spaceFor(maxBytes) {
      const most = Math.min(maxBytes, tables.capacity ?? maxBytes);
      if (bytesNow() >= most) return "full";
      return bytesNow() >= LOW * most ? "low" : "enough";
    },
    logged(characters, maxBytes) {
      unmeasured += characters;
      if (unmeasured >= Math.min(MEASURED_AFTER, maxBytes * PART)) changed();
    },
    changed,
  };
}
