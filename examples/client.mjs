const socket = new WebSocket(globalThis.process?.argv[2] ?? "ws://127.0.0.1:8787/documents/hello");
const send = (message) => socket.send(JSON.stringify(message));
const hello = (parent) => ({ op: "insert", node: { type: "item", attrs: { text: "hello from JavaScript" } }, parent });
let [nodes, seq] = [new Map(), null]; // by id: { id, parent, prev, type, attrs }; their snapshot's seq
const find = (parent, prev) => nodes.values().find((node) => node.parent === parent && node.prev === prev) ?? {};
function edit(old, changes) {
  let [text, at] = ["", 0];
  for (const n of changes)
    [text, at] = n.at ? [text + n, at] : [text + old.slice(at, Math.max(at, at + n)), at + Math.abs(n)];
  return text + old.slice(at);
}
function apply({ op, id, node, parent, after, attrs, unset = [], type, attr, changes }) {
  const target = nodes.get(id ?? node.id) ?? {};
  if (changes) attrs = { [attr]: edit(target.attrs?.[attr] ?? "", changes) };
  Object.assign(target, type && { type }, { attrs: { ...target.attrs, ...attrs } }, node && { attrs: {}, ...node });
  for (const key of unset) delete target.attrs[key];
  if (node) for (const child of nodes.values()) if (child.parent === node.id) child.prev = undefined; // all come anew
  if (op === "update" || changes) return;
  // What stood behind it moves up. Nobody finds it now, but it is kept, with all below it, for a move that restores it.
  [find(target.parent, target.id).prev, target.prev] = [target.prev];
  if (op === "remove") return;
  find(parent, after).prev = target.id; // what stands there now comes behind it
  nodes.set(target.id, Object.assign(target, { parent, prev: after }));
}
function print(node, indent = "") {
  console.log(indent + (node.attrs.text ?? node.type));
  for (let child = find(node.id, null); child.id; child = find(node.id, child.id)) print(child, `${indent}  `);
}
socket.onopen = () => send({ type: "join", protocol: 2, client: crypto.randomUUID(), keeps: 0 });
socket.onclose = ({ code, reason }) => console.error("closed:", code, reason || "is the server there, the id allowed?");
socket.onmessage = ({ data, message = JSON.parse(data) }) => {
  if (message.type === "sync") send(message);
  if (message.type === "welcome") send({ type: "mutate", mutations: [{ mutation: 1, ops: [hello(message.root)] }] });
  if (message.type === "reject" || message.type === "error") console.error(data);
  if (message.type === "snapshot" && message.seq !== seq) [nodes, seq] = [new Map(), message.seq];
  for (const [id, parent, prev, type, attrs] of message.nodes ?? []) nodes.set(id, { id, parent, prev, type, attrs });
  for (const event of message.events ?? []) event.ops.forEach(apply);
  if (message.done || message.type === "delta") print(find(null, null));
};
