#!/usr/bin/env bash
# yjs-orderedtree@1.0.1-beta.3 with yjs@13.6.33, the one library on npm that keeps an ordered tree in Yjs: one removes a branch while another adds a
# row to it. Once both have heard of each other the tree is lost to everybody: each change of it throws, and so does opening it anew, for
# ever, as the row without a parent is part of the document from then on. checkForYTree says that all is well. Cycles of moves, which its readme
# is about, it resolves; a branch moved into one that is removed comes back at the root.
# Expected: what a row is in that nobody has any more is dropped or rescued; its readme promises trees that are kept consistent among many.
# Whoever keeps children by a parent's name in a map that merges has to say what a child without a parent is. Ours: the row
# lands where the branch stood, and its author is told (docs/spec.md, C4 and C6).
# Seen: "heard by the remover: throws", "heard by the other: throws", "checked: true", "opened anew: throws", "without the row: B". Fails when that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent yjs@13.6.33 yjs-orderedtree@1.0.1-beta.3
cat >run.mjs <<'JS'
import * as Y from "yjs";
import { checkForYTree, YTree } from "yjs-orderedtree";

const told = (work) => {
  try {
    return work() ?? "ok";
  } catch {
    return "throws";
  }
};
const run = (row) => {
  const docs = [new Y.Doc(), new Y.Doc()];
  const trees = [];
  trees[0] = new YTree(docs[0].getMap("tree"));
  for (const name of ["A", "B"]) trees[0].createNode("root", name, name);
  Y.applyUpdate(docs[1], Y.encodeStateAsUpdate(docs[0]));
  trees[1] = new YTree(docs[1].getMap("tree"));

  trees[0].deleteNodeAndDescendants("A");
  if (row) trees[1].createNode("A", "new", "new");
  const updates = docs.map((doc) => Y.encodeStateAsUpdate(doc));
  const heard = [0, 1].map((i) => told(() => Y.applyUpdate(docs[i], updates[1 - i], "network")));

  const anew = new Y.Doc();
  for (const update of updates) Y.applyUpdate(anew, update);
  const map = anew.getMap("tree");
  return { heard, checked: checkForYTree(map), opened: told(() => new YTree(map).getNodeChildrenFromKey("root").join(" ")) };
};

const { heard, checked, opened } = run(true);
console.log(`heard by the remover: ${heard[0]}`);
console.log(`heard by the other: ${heard[1]}`);
console.log(`checked: ${checked}`);
console.log(`opened anew: ${opened}`);
console.log(`without the row: ${run(false).opened}`);
JS
seen=$(node run.mjs)
echo "$seen"
wanted='heard by the remover: throws\nheard by the other: throws\nchecked: true\nopened anew: throws\nwithout the row: B'
[ "$seen" = "$(printf "$wanted")" ]
