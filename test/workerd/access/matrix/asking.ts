import { RpcTarget } from "cloudflare:workers";
import { authenticator } from "../../../../src/access/authenticate.ts";
import { type ClientMessage, PROTOCOL, type Result, topic } from "../../../../src/protocol/index.ts";
import { stubOf } from "../../http-client.ts";
import { join, type TestSocket } from "../../socket-client.ts";
import { deploy } from "../deployment.ts";
import { CREDENTIALS, type CredentialName, laterToken, SETTINGS, USER } from "./credentials.ts";
import { type HTTP, type MESSAGES, type RPC, SENT } from "./table.ts";

// One cell of the matrix each: asks by this way with this credential, and says in a word or two what came of it.

export const deployment = deploy(SETTINGS);
/** One that gives everybody less than his token says. */
const reading = deploy(SETTINGS, {
  authorize: async (_, __, { byDefault }) => {
    const said = await byDefault();
    return "code" in said ? said : { ...said, role: "read" };
  },
});

export async function askHttp(row: (typeof HTTP)[number], id: string, name: CredentialName): Promise<string> {
  const token = CREDENTIALS[name].token(id);
  const [method = "", path = ""] = row.way.replace("/documents/:id", topic(id)).split(" ");
  const body = row.body?.(id);
  const response = await deployment.fetch(path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return response.ok ? `${response.status}` : `${response.status} ${JSON.parse(text).code}`;
}

/** As a Worker of one's own calls that believes what the tokens of this deployment say. */
export async function askRpc(row: (typeof RPC)[number], id: string, name: CredentialName): Promise<string> {
  const token = CREDENTIALS[name].token(id);
  if (token === null) return call(row, id, []);
  const said = await authenticator(SETTINGS)(token, id);
  if (said.ok) return call(row, id, [said.value]);
  // One that does not look hands over what it was answered, what stands in the token, or who it knew before.
  const over = { user: { id: USER }, role: "admin", expires: Date.now() - 1 };
  for (const careless of [said, JSON.parse(atob(urlSafe(token.split(".")[1] ?? ""))), token, over]) {
    const outcome = await call(row, id, [careless]);
    if (outcome !== "unauthorised") return `${outcome}, by what is no principal any more, or never was`;
  }
  return said.problem.code;
}

const urlSafe = (text: string) => text.replaceAll("-", "+").replaceAll("_", "/");

class Listener extends RpcTarget {
  receive(): void {}
  closed(): void {}
}

async function call({ way, takes }: (typeof RPC)[number], id: string, principal: readonly unknown[]): Promise<string> {
  const stub = stubOf(id);
  const given = way === "join" ? [new Listener(), { client: "c1" }] : (takes?.(id) ?? []);
  const result: Result<unknown> = await Reflect.apply(Reflect.get(stub, way), stub, [...given, ...principal]);
  if (!result.ok) return result.problem.code;
  if (result.value instanceof ReadableStream) await result.value.cancel();
  return "ok";
}

export async function askByMessage(row: (typeof MESSAGES)[number], id: string, name: CredentialName): Promise<string> {
  const { way } = row;
  const token = CREDENTIALS[name].token(id);
  if (way === "auth") {
    const socket = row.open
      ? await reading.connectWith(id, laterToken(id, "admin"))
      : await deployment.connectWith(id, laterToken(id, "read"));
    socket.send(JOIN);
    await socket.take("welcome");
    socket.send({ type: "auth", token: token ?? "" });
    return outcomeOf(socket, "auth");
  }
  const witness = row.absent ? null : await join(id, "witness");
  const socket =
    token === null ? await deployment.connect(topic(id), OFFERED) : await deployment.connectWith(id, token);
  // All of it at once: what follows a join that is refused is not done either.
  socket.send(JOIN);
  if (way === "join") return outcomeOf(socket, "welcome");
  socket.send(row.sent ?? SENT[way]);
  if (way === "sync" || way === "presence") socket.send(FENCE);
  const outcome = await outcomeOf(socket, way);
  if (way !== "presence" || outcome !== "taken") return outcome;
  await witness?.take("presence", ({ changes }) => Object.values(changes).some((each) => each?.data === "here"));
  return "shown";
}

/** As who has a ticket, if there is one for such a credential. */
export async function askByTicket(id: string, name: CredentialName): Promise<string> {
  const token = CREDENTIALS[name].token(id);
  const issued = await deployment.fetch("/tickets", {
    method: "POST",
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    body: JSON.stringify({ document: id }),
  });
  const { ticket = "f".repeat(64) } = await issued.json<{ ticket?: string }>();
  return redeem(id, ticket);
}

export async function redeem(id: string, ticket: string): Promise<string> {
  const socket = await deployment.connect(`${topic(id)}?ticket=${ticket}`, OFFERED);
  socket.send(JOIN);
  return outcomeOf(socket, "welcome");
}

const OFFERED = { "sec-websocket-protocol": "durable-grove.v1" };
const JOIN: ClientMessage = { type: "join", protocol: PROTOCOL, client: "c1" };
/** It is refused or accepted, and answered in either case; it changes nothing. */
const FENCE: ClientMessage = { type: "mutate", mutations: [{ mutation: 2, ops: [] }] };

async function outcomeOf(socket: TestSocket, wanted: ClientMessage["type"] | "welcome"): Promise<string> {
  const find = () => {
    for (const message of socket.heard) {
      if (message.type === "error") return `${message.code}`;
      if (message.type === "welcome" && wanted === "welcome") return `welcome ${message.role}`;
      if (message.type === "auth" && wanted === "auth") return `auth ${message.role}`;
      if (message.type === "reject" && message.mutation === 1) return `reject ${message.code}`;
      if (message.type === "delta" && message.events.some(({ mutation }) => mutation === 1)) return "delta";
      if ((message.type === "reject" || message.type === "unchanged") && message.mutation === 2) return "taken";
    }
    return null;
  };
  if (wanted === "leave") {
    const { code } = await socket.ended();
    return `${find() ?? "close"} ${code}`;
  }
  await socket.until("an outcome", () => find() !== null);
  const outcome = find() ?? "";
  if (!socket.heard.some(({ type }) => type === "error")) {
    socket.close(1000);
    await socket.ended();
    return outcome;
  }
  return `${outcome} ${(await socket.ended()).code}`;
}
