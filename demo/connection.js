/** Closes after which we must not come back by ourselves: docs/protocol.md. All others mean: try again. */
const FINAL = [4001, 4003, 4004, 4009, 4010, 4013];
const PING = 25_000;
const LONGEST_WAIT = 10_000;

/**
 * The wire: joins, feeds the replica, and comes back after a loss. What is pending goes out again, with its counters, as soon
 * as the replica has caught up; the server answers what it knows and applies what it does not.
 */
export function connect(url, replica, on) {
  let socket;
  let presence = {};
  let people = new Map();
  let self;
  let target = Number.POSITIVE_INFINITY;
  let failures = 0;
  let heard = true;

  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  const isCaughtUp = () => replica.hasReached(target);
  const sendPending = (all) => {
    for (const each of replica.pending) {
      if (each.sent && !all) continue;
      each.sent = true;
      const { mutation, base, ops } = each;
      send({ type: "mutate", mutations: [{ mutation, base, ops }] });
    }
  };

  const receive = (message) => {
    switch (message.type) {
      case "welcome":
        failures = 0;
        self = message.subscriber;
        people = new Map(Object.entries(message.presence));
        replica.welcome(message);
        target = message.seq;
        break;
      case "snapshot":
        replica.snapshot(message);
        break;
      case "delta":
        for (const event of message.events) on.event(event, replica.event(event));
        break;
      case "reject":
        on.reject(message, replica.reject(message));
        break;
      case "presence":
        if (message.reset) people.clear();
        for (const [id, entry] of Object.entries(message.changes)) {
          if (entry) people.set(id, entry);
          else people.delete(id);
        }
        break;
      case "sync":
        send(message);
    }
  };

  const open = () => {
    socket = new WebSocket(url);
    let following = false;
    socket.onopen = () => send({ type: "join", protocol: 1, client: replica.client, ...replica.position, presence });
    socket.onmessage = ({ data }) => {
      heard = true;
      if (data === "pong") return;
      receive(JSON.parse(data));
      if (!following && isCaughtUp()) {
        following = true;
        sendPending(true);
        on.state("online");
      }
      on.change();
    };
    socket.onclose = ({ code, reason }) => lost(code, reason);
  };
  const lost = (code, reason) => {
    target = Number.POSITIVE_INFINITY;
    if (FINAL.includes(code)) return on.state("closed", reason);
    on.state("offline");
    setTimeout(open, Math.random() * Math.min(LONGEST_WAIT, 500 * 2 ** failures++));
  };
  setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (heard) {
      heard = false;
      return socket.send("ping");
    }
    // A dead connection may take minutes to be closed; we do not wait for it.
    socket.onmessage = socket.onclose = null;
    socket.close();
    lost();
  }, PING);
  open();

  return {
    get people() {
      return people;
    },
    get self() {
      return self;
    },
    mutate(operations) {
      replica.mutate(operations);
      if (isCaughtUp()) sendPending(false);
      on.change();
    },
    setPresence(data) {
      presence = data;
      send({ type: "presence", data });
    },
  };
}
