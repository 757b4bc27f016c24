// The wire of what answers each frame with itself; a Protocol has a file of its own.
export { echo as protocol } from "./plain.ts";
