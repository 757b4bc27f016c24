// Joins a document, adds a node, prints the tree at every change: node client.mjs ws://127.0.0.1:8787/documents/hello
const socket = new WebSocket(globalThis.process?.argv[2] ?? "ws://127.0.0.1:8787/documents/hello");
const send = (message) => socket.send(JSON.stringify(message));
let [nodes, rows, seq, root] = [new Map(), new Map(), -1, ""]; // nodes by id: { type, attrs, parent, children: [ids] }
function build() {
  nodes = new Map([...rows.values()].map(([id, parent, , type, attrs]) => [id, { type, attrs, parent, children: [] }]));
  const next = new Map([...rows.values()].map(([id, , prev]) => [prev, id]));
  for (const [first, parent, prev] of rows.values())
    for (let id = first; parent !== null && prev === null && id; id = next.get(id)) nodes.get(parent).children.push(id);
}
function apply({ op, node, id = node.id, parent, after, attrs, unset = [], type }) {
  if (op === "insert") nodes.set(id, { attrs: {}, ...node, children: [] });
  const target = nodes.get(id);
  if (op === "update" && target) target.attrs = { ...target.attrs, ...attrs };
  if (op === "update" && target) for (const key of unset) delete target.attrs[key];
  if (op === "update" && target) target.type = type ?? target.type;
}
