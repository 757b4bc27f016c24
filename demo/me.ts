import { newId } from "durable-grove/client";

/** Nobody signs in, so every tab is a guest, and the same one after a reload: a tab keeps its `window.name`. */
export const me = /^Guest [0-9a-z]{4}$/.test(window.name) ? window.name : `Guest ${newId().slice(0, 4)}`;
window.name = me;
