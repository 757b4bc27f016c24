import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { freePort, isHealthy } from "./server-process.ts";
import { bundleWorkerd } from "./workerd-bundle.ts";

const KEYS_TAKE = 500;

test("W18 who asks for the keys and goes away, again and again, does not keep others from having them", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "k1" }];
  const tokenBy = (kid: string) =>
    new SignJWT({ documents: [{ id: "plan", role: "read" }] })
      .setProtectedHeader({ alg: "ES256", kid })
      .setSubject("ann")
      .setAudience("grove")
      .setExpirationTime("1h")
      .sign(privateKey);
  const provider = createServer(async (_, response) => {
    await sleep(KEYS_TAKE);
    response.end(JSON.stringify({ keys }));
  });
  const keysPort = await freePort();
  provider.listen(keysPort, "127.0.0.1");
  const { directory, configure } = await bundleWorkerd('export { default, DocumentObject } from "./worker.js";');
  const port = await freePort();
  await configure(port);
  const file = `${directory}/config.capnp`;
  const bindings = `(name = "AUTH_JWKS_URL", text = "http://127.0.0.1:${keysPort}/"), (name = "AUTH_AUDIENCE", text = "grove"),`;
  const config = (await readFile(file, "utf8"))
    .replace('(name = "ALLOW_ANONYMOUS", text = "admin"),', bindings)
    .replace("durableObjectStorage", 'globalOutbound = "net",\n  durableObjectStorage')
    .replace("services = [", 'services = [(name = "net", network = (allow = ["local", "private"])),');
  await writeFile(file, config);
  const child = spawn(resolve("node_modules/.bin/workerd"), ["serve", "config.capnp"], {
    ...{ cwd: directory, detached: true, stdio: "ignore" },
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    while (!(await isHealthy(url))) await sleep(20);
    // One reset while its request is under way ends it; to be closed alone does not.
    const request = `GET /documents/plan HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await tokenBy("made-up")}\r\n\r\n`;
    const knock = () => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write(request);
      setTimeout(() => socket.resetAndDestroy(), KEYS_TAKE / 5);
    };
    const knocking = setInterval(knock, 20);
    await sleep(KEYS_TAKE / 2);
    const began = Date.now();
    const headers = { authorization: `Bearer ${await tokenBy("k1")}` };
    const { status } = await fetch(`${url}/documents/plan`, { headers });
    clearInterval(knocking);
    expect(status).toBe(404);
    expect(Date.now() - began).toBeLessThan(4 * KEYS_TAKE);
  } finally {
    await killGroup(child);
    provider.close();
    await rm(directory, { recursive: true, force: true });
  }
});

async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await gone;
}
