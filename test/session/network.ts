import type { Principal } from "../../src/protocol/index.ts";
import { createReplica, type Replica } from "./replica.ts";
import type { TestServer } from "./server.ts";

/** What a connection carries: frames, and its end. */
type Parcel = { readonly frame: string } | { readonly end: true };

/** Two queues. Nothing comes after an end; what is lost before it takes all that follows along, as with TCP. */
interface Connection {
  readonly id: string;
  readonly up: Parcel[];
  readonly down: Parcel[];
}

/** A client, the connection it uses, and older ones whose end the server has not seen yet. */
export interface Peer {
  readonly replica: Replica;
  readonly connection: Connection | null;
  readonly lingering: readonly Connection[];
}

/** Clients and a server, joined by queues that a test moves on as it likes. */
export interface Network {
  readonly peers: readonly Peer[];
  add(client: string, principal: Principal): Peer;
  connect(peer: Peer): void;
  /** Puts on the wire what the client has to send. */
  flush(peer: Peer): void;
  /** Delivers some of what is on the way; returns how much that was. */
  deliver(peer: Peer, up: number, down: number): number;
  /** Cuts a connection: so many frames still arrive on either side, then its end; the rest is lost. */
  cut(peer: Peer, up: number, down: number): void;
  /** What an older connection still carries arrives at the server. */
  linger(peer: Peer, up: number): number;
  /** The frame of mutations that was sent last arrives once more. */
  duplicate(peer: Peer): boolean;
  /** All connections break at once, without a word to the server, whose memory is gone as well. */
  sever(): void;
}

export function createNetwork(server: TestServer, note: (what: string) => void): Network {
  type Open = { replica: Replica; connection: Connection | null; lingering: Connection[]; sent: string | null };
  const peers: Open[] = [];
  let connections = 0;

  const open = (peer: Peer): Open => {
    const found = peers.find(({ replica }) => replica === peer.replica);
    if (!found) throw new Error("a peer of another network");
    return found;
  };
  const arriveUp = (connection: Connection): void => {
    const parcel = connection.up.shift();
    if (!parcel) return;
    if ("frame" in parcel) server.message(connection.id, parcel.frame);
    else server.gone(connection.id);
  };
  const hangUp = (peer: Open) => {
    peer.connection = null;
    peer.replica.closed();
  };
  const network: Network = {
    peers,
    add(client, principal) {
      const peer = { replica: createReplica(client, principal, note), connection: null, lingering: [], sent: null };
      peers.push(peer);
      return peer;
    },
    connect(peer) {
      const to = open(peer);
      if (to.connection) return;
      const connection: Connection = { id: `s${++connections}`, up: [], down: [] };
      to.connection = connection;
      const isOver = () => {
        const last = connection.down.at(-1);
        return last !== undefined && "end" in last;
      };
      server.connect(connection.id, to.replica.principal, {
        send: (frame) => void (isOver() || connection.down.push({ frame })),
        close: (code) => {
          note(`server closes ${code}`);
          if (!isOver()) connection.down.push({ end: true });
        },
      });
      to.replica.connected();
      network.flush(to);
    },
    flush(peer) {
      const to = open(peer);
      for (const frame of to.replica.take()) {
        if (frame.startsWith('{"type":"mutate"')) to.sent = frame;
        to.connection?.up.push({ frame });
      }
    },
    deliver(peer, up, down) {
      const to = open(peer);
      let delivered = 0;
      for (let left = up; left > 0 && to.connection && to.connection.up.length > 0; left--) {
        arriveUp(to.connection);
        delivered++;
      }
      for (let left = down; left > 0 && to.connection; left--) {
        const parcel = to.connection.down.shift();
        if (!parcel) break;
        delivered++;
        if ("end" in parcel) {
          // What was on the way up to a server that has closed arrives nowhere.
          hangUp(to);
          break;
        }
        to.replica.receive(parcel.frame);
        network.flush(to);
      }
      return delivered;
    },
    cut(peer, up, down) {
      const to = open(peer);
      const { connection } = to;
      if (!connection) return;
      connection.up.length = Math.min(connection.up.length, up);
      connection.up.push({ end: true });
      for (let left = down; left > 0 && connection.down.length > 0; left--) {
        const parcel = connection.down.shift();
        if (!parcel || "end" in parcel) break;
        to.replica.receive(parcel.frame);
        // It is cut: what the client says now is lost.
        to.replica.take();
      }
      // From here on whatever the server sends is lost.
      connection.down.length = 0;
      connection.down.push({ end: true });
      hangUp(to);
      to.lingering.push(connection);
    },
    linger(peer, up) {
      const to = open(peer);
      let delivered = 0;
      const [oldest] = to.lingering;
      for (let left = up; left > 0 && oldest && oldest.up.length > 0; left--) {
        arriveUp(oldest);
        delivered++;
      }
      if (oldest?.up.length === 0) to.lingering.shift();
      return delivered;
    },
    duplicate(peer) {
      const { connection, sent } = open(peer);
      if (!connection || sent === null || !peer.replica.ready) return false;
      connection.up.push({ frame: sent });
      return true;
    },
    sever() {
      server.crash();
      for (const peer of peers) {
        if (peer.connection) hangUp(peer);
        peer.lingering = [];
      }
    },
  };
  return network;
}
