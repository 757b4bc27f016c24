#!/usr/bin/env bash
# orga@4.7.1, the Org parser of npm: a box [-], which Org gives a row of which some of the rows below are done, is read as checked, as [X] is: the
# node has a boolean and no other trace but the source. A paragraph that is indented below a row, behind an empty line, is no part of it, and
# ends the list: the rows behind it are a second list, beside the paragraph. The Org manual has [-] as a state of its own, and says that text
# indented as far as the row's belongs to it.
# Expected: three states, and one list of three rows, the first with two paragraphs.
# An importer makes half done work done, and an outline in three of one list; whoever exports that writes it back so. Ours reads no Org.
# Seen: "[X]: true", "[-]: true", "[ ]: false", "below the root: list, paragraph, list", "rows: 1 2". Fails when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent orga@4.7.1
cat >run.mjs <<'JS'
import { parse } from "orga";

const found = (node, type) => (node.type === type ? [node] : (node.children ?? []).flatMap((child) => found(child, type)));
for (const box of ["[X]", "[-]", "[ ]"]) {
  const [{ checked }] = found(parse(`- ${box} pack\n`), "list.item.checkbox");
  console.log(`${box}: ${checked}`);
}
const { children } = parse("- one\n\n  more of one\n- two\n- three\n");
console.log(`below the root: ${children.map(({ type }) => type).join(", ")}`);
console.log(`rows: ${children.filter(({ type }) => type === "list").map((list) => found(list, "list.item").length).join(" ")}`);
JS
seen=$(node run.mjs)
echo "$seen"
[ "$seen" = "$(printf '[X]: true\n[-]: true\n[ ]: false\nbelow the root: list, paragraph, list\nrows: 1 2')" ]
