export { bindText, type TextBinding, type TextCallbacks } from "./bind.ts";
export type { Selected } from "./field.ts";
export type { EditableText } from "./mirror.ts";
