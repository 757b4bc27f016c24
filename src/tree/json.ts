export { sameJson } from "../text/index.ts";
