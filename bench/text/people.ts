import { type Connection, connect } from "../load/connection.ts";
import { clientOf, put } from "../load/type.ts";
import { within } from "../load/within.ts";
import { type Contestant, DOCUMENT, type Stage } from "../scenarios/scene.ts";
import { type Desk, type Key, keysOf } from "./keys.ts";

const PATIENCE = 60_000;

/** People at their desk. */
export interface People {
  /** One presses a key, and has its answer when it resolves: nothing shares its commit. */
  press(typist: number): Promise<void>;
  /** The connections end, and come again for the next key. */
  rest(): Promise<void>;
}

/** Brings the desk into the document, and people who type there one key at a time. */
export async function seat({ protocol }: Contestant, stage: Stage, desk: Desk, seed: number): Promise<People> {
  const clients = desk.carets.map((_, typist) => clientOf(typist));
  const typists = protocol.typists?.(clients, desk);
  if (!typists) throw new Error("nobody types in a system that has no texts");
  await put(protocol, stage.address(), typists);
  const keys = clients.map((_, typist): (() => Key) => keysOf(seed * 1_000 + typist + 1));
  let seats: { readonly connection: Connection; answered: () => void }[] = [];
  const sit = async (typist: number) => {
    const seat = {
      answered: () => {},
      connection: await connect(protocol, stage.address(), clients[typist] ?? "", {
        onFrame(heard, frame) {
          if (typist === 0) typists.hear(frame);
          if (heard.acknowledged > 0) seat.answered();
        },
      }),
    };
    return seat;
  };
  return {
    async press(typist) {
      if (seats.length === 0) for (const index of clients.keys()) seats.push(await sit(index));
      const [seat, next] = [seats[typist], keys[typist]];
      if (!seat || !next) throw new Error(`nobody is typist ${typist}`);
      const answered = new Promise<void>((resolve) => {
        seat.answered = resolve;
      });
      seat.connection.send(typists.press(typist, next()));
      await within(PATIENCE, `a key in ${DOCUMENT}`, answered);
    },
    async rest() {
      for (const { connection } of seats) await connection.close();
      seats = [];
    },
  };
}
