import { connect } from "./connection.js";
import { keys, nameOf, newId } from "./keys.js";
import { createReplica } from "./replica.js";
import { colourOf, createView } from "./view.js";
import { quote, receipts, rejection } from "./words.js";

const documentId = location.hash.slice(1, 129).replace(/[^A-Za-z0-9._~:-]/g, "-") || "welcome";
history.replaceState(null, "", `#${documentId}`);
addEventListener("hashchange", () => location.reload());

// A tab is a client: what it has not sent when it is closed is gone, and the next one has another id.
const replica = createReplica(newId());
const list = document.getElementById("rows");
const view = createView(list);
let state = { name: "connecting" };
let presenceTimer = null;

const nameOfClient = (client) => `Guest ${client.slice(0, 4)}`;
const nameOfPerson = ({ user, data }) => user?.name ?? user?.id ?? nameOfClient(String(data?.client));
const who = ({ userId, client }) => userId ?? (client ? nameOfClient(client) : "somebody");
const focusedId = () => document.activeElement?.dataset.id;

const url = `${location.origin.replace("http", "ws")}/documents/${documentId}`;
const connection = connect(url, replica, {
  event(event, asked) {
    if (asked) receipts(event, asked, replica, who).forEach(toast);
    const lost = replica.gone.get(focusedId());
    if (!asked && lost?.event === event) toast(`Your row ${quote(lost.text)} was removed by ${who(event)}.`);
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
  connection.mutate({ op: "update", id: target.dataset.id, attrs: { text: target.value } });
});
list.addEventListener("keydown", (event) => {
  const { target: area, isComposing } = event;
  const isOneLine = area.clientHeight < 2 * Number.parseFloat(getComputedStyle(area).lineHeight);
  const done = isComposing ? undefined : keys[nameOf(event)]?.(replica.view, area.dataset.id, area, isOneLine);
  if (!done) return;
  event.preventDefault();
  if (done.operation) connection.mutate(done.operation);
  if (done.focus) view.focus(done.focus);
});
document.addEventListener("selectionchange", tellPresence);
document.addEventListener("focusout", tellPresence);

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
}

function showState() {
  const waiting = replica.pending.length > 0 ? ` ${replica.pending.length} changes wait` : "";
  const texts = {
    connecting: "Connecting…",
    online: "Connected",
    offline: `Reconnecting…${waiting}`,
    closed: `Closed: ${state.reason}. Reload to try again.`,
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

function toast(text) {
  const element = document.createElement("p");
  element.textContent = text;
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), 8_000);
}
