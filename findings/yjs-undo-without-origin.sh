#!/usr/bin/env bash
# yjs@13.6.33: Y.UndoManager says in its docs that it tracks local changes where nothing else is asked for. What it asks is whether the transaction
# has the origin null, and Y.applyUpdate without its third argument, which is optional and left out in the examples of its README, has that too. So
# with a transport of one's own undo takes back what others did, and one's own work is merged with theirs into one step if it falls in the same half
# second. Transactions know whether they are local; undo does not look. The providers of Yjs pass themselves as the origin, and hide it.
# Expected: a remote update is never on the stack, whatever its origin.
# Whoever relays updates himself (as an object that orders them) has to pass an origin, or people delete each other's rows. Ours: an undo names the
# client's own mutations (docs/spec.md, U9 and R12).
# Seen: "without: mine theirs, steps 1, undone (nothing)", "with: mine theirs, steps 1, undone theirs". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent yjs@13.6.33
cat >run.mjs <<'JS'
import * as Y from "yjs";

for (const [name, origin] of [["without", []], ["with", ["network"]]]) {
  const [mine, theirs] = [new Y.Doc(), new Y.Doc()];
  const rows = mine.getArray("rows");
  const undo = new Y.UndoManager(rows);
  rows.push(["mine"]);
  theirs.getArray("rows").push(["theirs"]);
  Y.applyUpdate(mine, Y.encodeStateAsUpdate(theirs), ...origin);
  const before = rows.toArray().sort().join(" ");
  const steps = undo.undoStack.length;
  undo.undo();
  console.log(`${name}: ${before}, steps ${steps}, undone ${rows.toArray().join(" ") || "(nothing)"}`);
}
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf 'without: mine theirs, steps 1, undone (nothing)\nwith: mine theirs, steps 1, undone theirs')" ]
