// Walks the tree, listens and sets with programs that were not written here: `oscquery` reads the tree, `ws` and
// `node-osc` speak on the socket and by UDP. Usage: node client.mjs PORT. Prints what it found as one line of JSON.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Client, decode, encode, Message } from "node-osc";
import WebSocket from "ws";

// It is CommonJS.
const { OSCQueryDiscovery } = createRequire(import.meta.url)("oscquery");
const LIMIT_MS = 10_000;

const port = Number(process.argv[2]);
const service = await new OSCQueryDiscovery().queryNewService("127.0.0.1", port);
const methods = service.flat();
const find = (path) => methods.find((method) => method.full_path === path);
const { min, max } = find("/tempo/bpm").arguments[0].range;
assert.deepEqual([min, max], [30, 300]);
assert.deepEqual(find("/layer/back/blend").arguments[0].range.vals, ["normal", "add", "multiply", "screen"]);
assert.equal(service.resolvePath("/show/blackout").getValue(0), false);

const { wsIp, wsPort, oscIp, oscPort } = service.hostInfo;
const socket = new WebSocket(`ws://${wsIp}:${wsPort}/`);
await new Promise((opened, failed) => socket.on("open", opened).on("error", failed));

// What was told last of each path, and who waits for it.
const told = new Map();
const waiting = [];
const take = (element) => {
  if (element.oscType === "bundle") return element.elements.forEach(take);
  told.set(element.address, element.args.map((arg) => arg.value));
  waiting.forEach((look) => look());
};
socket.on("message", (data, isBinary) => isBinary && take(decode(data)));
const until = (what, condition) =>
  new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error(`never: ${what}; ${JSON.stringify([...told])}`)), LIMIT_MS);
    const look = () => condition() && (clearTimeout(limit), done());
    waiting.push(look);
    look();
  });
const command = (COMMAND, DATA) => socket.send(JSON.stringify({ COMMAND, DATA }));
const set = (address, ...args) => socket.send(encode(new Message(address, ...args)));

["/show/blackout", "/layer/back/opacity", "/layer/back/scene", "/daemon/alive", "/signal/main/mel"].forEach((path) =>
  command("LISTEN", path),
);
await until("the present values", () => told.get("/show/blackout")?.[0] === false && told.has("/layer/back/scene"));
await until("a signal of many numbers", () => told.get("/signal/main/mel")?.length > 8);

set("/show/blackout", { type: "boolean", value: true });
await until("the switch that was set over the socket", () => told.get("/show/blackout")[0] === true);
set("/layer/*/opacity", 0.25);
await until("what a pattern set", () => told.get("/layer/back/opacity")[0] === 0.25);
await service.update();
assert.equal(service.resolvePath("/show/blackout").getValue(0), true);

const plain = new Client(oscIp, oscPort);
await plain.send(new Message("/layer/back/scene", "echo"));
await until("the scene that was set by UDP at the port of HOST_INFO", () => told.get("/layer/back/scene")[0] === "echo");
plain.close();

set("/layer/back/scene", "nowhere");
await until("word of a mistake", () => told.get("/error")?.[0].includes("nowhere"));

command("IGNORE", "/show/blackout");
set("/show/blackout", { type: "boolean", value: false });
const alive = told.get("/daemon/alive")[0];
await until("two seconds of life", () => told.get("/daemon/alive")[0] >= alive + 2);
assert.equal(told.get("/show/blackout")[0], true, "what is ignored is told no more");

console.log(JSON.stringify({ methods: methods.length, told: told.size }));
socket.close();
process.exit(0);
