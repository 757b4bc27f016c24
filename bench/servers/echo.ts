import { WebSocketServer } from "ws";

// A process that answers each frame with itself and does nothing else: what the load generator can do at most.

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
server.on("connection", (socket) => {
  socket.send('{"joined":true}');
  socket.on("message", (frame, isBinary) => socket.send(frame, { binary: isBinary }));
});
process.on("disconnect", () => process.exit());
