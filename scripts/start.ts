import { spawn } from "node:child_process";

// `npm start`: the server for trying out and developing, open to everybody who reaches this machine's loopback address. A deployment
// is closed until it is configured; to try that here: npx wrangler dev.

const OPEN = {
  ALLOW_ANONYMOUS: "admin",
  // Pages of any port here: what a bundler serves is another origin.
  ALLOWED_ORIGINS: "http://localhost:* http://127.0.0.1:*",
};

console.log("Open to everybody on this machine, as admin and without a token (ALLOW_ANONYMOUS=admin).");
console.log("A deployment is closed until you say who may come in: README.md, Deploy.\n");

const vars = Object.entries(OPEN).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
const child = spawn(
  process.execPath,
  [
    "node_modules/wrangler/bin/wrangler.js",
    ...["dev", "--show-interactive-dev-session=false", ...vars],
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
// Ctrl-C reaches both; whoever ends this process alone means both.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1);
});
