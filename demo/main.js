import { connect } from "./connection.js";
import { keys, nameOf, newId, restoring } from "./keys.js";
import { paste } from "./paste.js";
import { createReplica } from "./replica.js";
import { edit, textOf } from "./rows.js";
import { refusal } from "./size.js";
import { createToasts } from "./toasts.js";
import { subtree } from "./tree.js";
import { colourOf, createView } from "./view.js";
import { quote, receipts, rejection, removal, waiting } from "./words.js";

const documentId = location.hash.slice(1, 129).replace(/[^A-Za-z0-9._~:-]/g, "-") || "welcome";
history.replaceState(null, "", `#${documentId}`);
addEventListener("hashchange", () => location.reload());

// A tab is a client: what it has not sent when it is closed is gone, and the next one has another id.
const replica = createReplica(newId());
const list = document.getElementById("rows");
const view = createView(list);
const toast = createToasts(document.getElementById("toasts"));
let state = { name: "connecting" };
let presenceTimer = null;
/** The row that an undo will bring back: the button is gone, so the focus goes there. */
let restored = null;

const nameOfClient = (client) => `Guest ${client.slice(0, 4)}`;
const nameOfPerson = ({ user, data }) => user?.name ?? user?.id ?? nameOfClient(String(data?.client));
const who = ({ userId, client }) => userId ?? (client ? nameOfClient(client) : "somebody");
const focusedId = () => document.activeElement?.dataset.id;

const url = `${location.origin.replace("http", "ws")}/documents/${documentId}`;
const connection = connect(url, replica, {
  event(event, asked) {
    if (asked) for (const { text, about } of receipts(event, asked, replica, who)) toast(text, { about });
    const about = focusedId();
    const lost = replica.gone.get(about);
    if (!asked && lost?.event === event) toast(`Your row ${quote(lost.text)} was removed by ${who(event)}.`, { about });
  },
  reject: (problem) => toast(rejection(problem, who)),
  state(name, reason) {
    state = { name, reason };
    render();
  },
  change: render,
});
tellPresence();

list.addEventListener("input", ({ target }) => {
  perform({ operations: [edit(replica.view.get(target.dataset.id), target.value)] });
});
list.addEventListener("paste", (event) => {
  const { target: area, clipboardData } = event;
  const done = paste(replica.view, area.dataset.id, area, clipboardData.getData("text/plain"));
  if (!done) return;
  event.preventDefault();
  perform(done);
});
list.addEventListener("keydown", (event) => {
  const { target: area, isComposing } = event;
  const isOneLine = area.clientHeight < 2 * Number.parseFloat(getComputedStyle(area).lineHeight);
  const done = isComposing ? undefined : keys[nameOf(event)]?.(replica.view, area.dataset.id, area, isOneLine);
  if (!done) return;
  event.preventDefault();
  perform(done);
});
document.addEventListener("selectionchange", tellPresence);
document.addEventListener("focusout", tellPresence);
addEventListener("beforeunload", (event) => {
  if (replica.pending.length > 0) event.preventDefault();
});

/** Does what a key, a paste or typing asks for, unless it is too large to be sent. */
function perform({ operations, focus, caret }) {
  if (operations) {
    const problem = refusal(operations);
    if (problem) {
      toast(problem);
      return render();
    }
    if (operations[0].op === "remove") offerUndo(operations[0].id);
    connection.mutate(operations);
  }
  if (focus) view.focus(focus, caret);
}

/** Called before the row is removed, while it is known where it stands. */
function offerUndo(id) {
  const undo = restoring(replica.view, id);
  const below = subtree(replica.view, id).length - 1;
  const chosen = () => {
    connection.mutate([undo]);
    restored = id;
    if (state.name !== "online") toast("The row comes back with the connection.", { about: id });
  };
  toast(removal(textOf(replica.view.get(id)), below), { about: id, action: { label: "Undo", chosen } });
}

function render() {
  showState();
  showPeople();
  if (!replica.view) return;
  const carets = new Map();
  for (const [subscriber, person] of connection.people) {
    const { node, caret } = person.data ?? {};
    if (subscriber === connection.self || !replica.view.has(node)) continue;
    if (!carets.has(node)) carets.set(node, []);
    carets.get(node).push({ at: Number(caret) || 0, colour: colourOf(subscriber), name: nameOfPerson(person) });
  }
  for (const each of carets.values()) each.sort((a, b) => a.at - b.at);
  view.render(replica.view, carets);
  if (!replica.view.has(restored)) return;
  if (document.activeElement === document.body) view.focus(restored);
  restored = null;
}

function showState() {
  const unsent = waiting(replica.pending.length);
  const texts = {
    connecting: "Connecting…",
    online: "Connected",
    offline: `Reconnecting…${unsent}`,
    closed: `Closed: ${state.reason}.${unsent && `${unsent}; copy them.`} Reload to try again.`,
  };
  const element = document.getElementById("state");
  element.dataset.state = state.name;
  if (element.textContent !== texts[state.name]) element.textContent = texts[state.name];
}

function showPeople() {
  const people = [...connection.people].map(([subscriber, person]) => {
    const item = document.createElement("li");
    item.textContent = subscriber === connection.self ? `${nameOfPerson(person)} (you)` : nameOfPerson(person);
    item.style.setProperty("--colour", colourOf(subscriber));
    return item;
  });
  document.getElementById("people").replaceChildren(...people);
}

/** Tells the others where we are, at most once in 50 ms. */
function tellPresence() {
  if (presenceTimer !== null) return;
  presenceTimer = setTimeout(() => {
    presenceTimer = null;
    const caret = document.activeElement?.selectionStart ?? 0;
    connection.setPresence({ client: replica.client, node: focusedId() ?? null, caret });
  }, 50);
}
