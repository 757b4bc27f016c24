// The tree as a client keeps it: a Map from id to { id, type, attrs, parent, children }, children being ids in order.

/** A tree from the rows of a snapshot, which come in any order. */
export function fromRows(rows) {
  const tree = new Map(rows.map(([id, parent, , type, attrs]) => [id, { id, type, attrs, parent, children: [] }]));
  const next = new Map(rows.map(([id, , prev]) => [prev, id]));
  for (const [first, parent, prev] of rows) {
    if (parent === null || prev !== null) continue;
    for (let id = first; id !== undefined; id = next.get(id)) tree.get(parent).children.push(id);
  }
  return tree;
}

export function clone(tree) {
  const copy = new Map();
  for (const [id, node] of tree) copy.set(id, { ...node, children: [...node.children] });
  return copy;
}

export function rootOf(tree) {
  let [node] = tree.values();
  while (node.parent !== null) node = tree.get(node.parent);
  return node.id;
}

/** Applies an operation of an event. It stands there as it took effect, so there is nothing to decide. */
export function applyEffect(tree, effect) {
  switch (effect.op) {
    case "insert":
      tree.set(effect.node.id, { attrs: {}, ...effect.node, parent: null, children: [] });
      return link(tree, effect.node.id, effect.parent, effect.after);
    case "move":
      unlink(tree, effect.id);
      return link(tree, effect.id, effect.parent, effect.after);
    case "update":
      return update(tree, effect);
    case "remove":
      unlink(tree, effect.id);
      for (const id of subtree(tree, effect.id)) tree.delete(id);
  }
}

/** Applies an operation of our own as it will probably take effect; what it needs may be gone, then nothing happens. */
export function applyOperation(tree, operation) {
  const { op, id = operation.node?.id, parent } = operation;
  if (op === "insert" ? tree.has(id) : !tree.has(id)) return;
  if (op === "update" || op === "remove") return applyEffect(tree, operation);
  if (!tree.has(parent) || (op === "move" && subtree(tree, id).includes(parent))) return;
  applyEffect(tree, { ...operation, after: placeAfter(tree, id, operation) });
}

/** A node and all that is below it, in the order of reading. */
export function subtree(tree, top) {
  const ids = [];
  const todo = [top];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    ids.push(id);
    todo.push(...tree.get(id).children.toReversed());
  }
  return ids;
}

/** What anchors mean: after `after` if that is a child of the parent (null: first), else before `before`, else last. */
function placeAfter(tree, id, { parent, after, before }) {
  const siblings = tree.get(parent).children.filter((sibling) => sibling !== id);
  if (after === null || siblings.includes(after)) return after;
  if (siblings.includes(before)) return siblings[siblings.indexOf(before) - 1] ?? null;
  return siblings.at(-1) ?? null;
}

function link(tree, id, parent, after) {
  const siblings = tree.get(parent).children;
  siblings.splice(siblings.indexOf(after) + 1, 0, id);
  tree.get(id).parent = parent;
}

function unlink(tree, id) {
  const siblings = tree.get(tree.get(id).parent).children;
  siblings.splice(siblings.indexOf(id), 1);
}

/** An update of a node that is not here is skipped: somebody removed it. */
function update(tree, { id, attrs, unset = [], type }) {
  const node = tree.get(id);
  if (!node) return;
  node.attrs = { ...node.attrs, ...attrs };
  for (const key of unset) delete node.attrs[key];
  if (type !== undefined) node.type = type;
}
