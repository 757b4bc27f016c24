import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const rooms = fileURLToPath(new URL("src", import.meta.url));

// The demo. It imports the package by its name, as everyone does.
export default defineConfig({
  root: "demo",
  // Silent unless it fails: wrangler runs it and has enough to say itself.
  logLevel: "error",
  build: {
    // Not below demo/, which wrangler watches.
    outDir: "../dist-demo",
    // The same names each time, written over: no server ever finds a page without its script while another one builds.
    emptyOutDir: false,
    rolldownOptions: { output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" } },
  },
  resolve: { alias: [{ find: /^durable-grove\/(.*)$/, replacement: `${rooms}/$1/index.ts` }] },
});
