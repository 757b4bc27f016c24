import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// npm run examples: the pages of the editors, with the documents of the server that npm start runs.
export default defineConfig({
  root: here("."),
  // Top-level await.
  build: { target: "es2022" },
  server: { proxy: { "/documents": { target: "http://localhost:8787", ws: true } } },
  resolve: { alias: [{ find: /^durable-grove\/(.*)$/, replacement: `${here("../src")}/$1/index.ts` }] },
});
