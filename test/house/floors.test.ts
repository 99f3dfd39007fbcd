import assert from "node:assert/strict";
import { test } from "node:test";
import { findCycles, findFloorBreaks, findVagueName, readReferences, roomOf } from "./floors.ts";
import { formatFindings, readSource, readSources } from "./source.ts";

const sources = readSources("src/**/*.ts", "web/src/**/*.{ts,tsx}");

test("every import goes to a lower floor, type imports and worker entries included", () => {
  assert.equal(formatFindings(sources.flatMap(findFloorBreaks)), "");
});

test("no files import one another in a circle", () => {
  assert.equal(formatFindings(findCycles(sources)), "");
});

test("every file is named for what it exports, in kebab case", () => {
  assert.equal(formatFindings(sources.flatMap(findVagueName)), "");
});

for (const [why, path, text, breaks] of [
  ["down is fine", "src/smtp/a.ts", `import { x } from "../mail/x.ts";`, 0],
  ["its own room is fine", "src/smtp/a.ts", `import { x } from "./x.ts";`, 0],
  ["a package is fine", "src/smtp/a.ts", `import yaml from "yaml";`, 0],
  ["up", "src/mail/a.ts", `import { x } from "../smtp/x.ts";`, 1],
  ["sideways", "src/smtp/a.ts", `import { x } from "../dns/x.ts";`, 1],
  ["a type, up", "src/mail/a.ts", `import type { X } from "../net/x.ts";`, 1],
  ["a type in place, up", "src/mail/a.ts", `let x: import("../net/x.ts").X;`, 1],
  ["a dynamic import, up", "src/mail/a.ts", `await import("../net/x.ts");`, 1],
  ["a re-export, up", "src/mail/a.ts", `export { x } from "../net/x.ts";`, 1],
  ["a whole re-export, up", "src/mail/a.ts", `export * from "../net/x.ts";`, 1],
  ["a thread, up", "src/store/a.ts", `new Worker(new URL("../server/x.ts", import.meta.url));`, 1],
  ["one stage from another", "src/transport/send/a.ts", `import { x } from "../deliver/x.ts";`, 1],
  ["a stage from the queue", "src/transport/send/a.ts", `import "../queue/x.ts";`, 0],
  ["an unknown room", "src/kitchen/a.ts", "", 1],
  ["no room at all", "src/a.ts", "", 1],
  ["from an unknown room", "src/server/a.ts", `import "../kitchen/x.ts";`, 1],
  ["a test's helper", "src/server/a.ts", `import "../../test/harness/x.ts";`, 1],
  ["a test's helper in a test", "src/server/a.test.ts", `import "../../test/peers/x.ts";`, 0],
  ["data", "src/server/a.ts", `new URL("../../package.json", import.meta.url);`, 0],
  ["data outside", "src/server/a.ts", `new URL("../../../x.json", import.meta.url);`, 1],
  ["the center: down", "web/src/widgets/a.tsx", `import { x } from "../api/x.ts";`, 0],
  ["the center: up", "web/src/api/a.ts", `import { x } from "../widgets/x.tsx";`, 1],
  ["the center: generated", "web/src/api/a.ts", `import "../../generated/x.ts";`, 0],
  ["the center: from the server", "web/src/api/a.ts", `import "../../../src/mail/x.ts";`, 1],
  ["the center: its test may", "web/src/api/a.test.ts", `import "../../../src/mail/x.ts";`, 0],
  ["the center: areas", "web/src/pages/home/a.ts", `import "../mail-flow/x.ts";`, 1],
  ["the center: the top", "web/src/main.ts", `import "./pages/home/x.ts";`, 0],
  ["the server from the center", "src/server/a.ts", `import "../../web/src/api/x.ts";`, 1],
  ["outside the repository", "src/server/a.test.ts", `import "../../../x.ts";`, 1],
] as const) {
  test(`floors: ${why}`, () => {
    assert.equal(findFloorBreaks(readSource(path, text)).length, breaks);
  });
}

test("floors: a room two folders deep is found before its parent", () => {
  assert.equal(roomOf("src/transport/queue/a.ts"), "transport/queue");
  assert.equal(roomOf("src/transport/queue/deeper/a.ts"), "transport/queue");
  assert.equal(roomOf("src/transport/a.ts"), undefined);
  assert.equal(roomOf("src/smtp/deeper/a.ts"), "smtp");
});

test("cycles: a circle of three is one finding, a diamond is none", () => {
  const file = (name: string, ...others: readonly string[]) =>
    readSource(`src/mail/${name}.ts`, others.map((other) => `import "./${other}.ts";`).join("\n"));
  assert.equal(findCycles([file("a", "b"), file("b", "c"), file("c", "a")]).length, 1);
  assert.equal(findCycles([file("a", "b", "c"), file("b", "d"), file("c", "d")]).length, 0);
  assert.equal(findCycles([file("a", "a")]).length, 1);
});

for (const [name, findings] of [
  ["queue-store.ts", 0],
  ["queue-store.test.ts", 0],
  ["clock.fake.ts", 0],
  ["index.ts", 1],
  ["utils.ts", 1],
  ["common.ts", 1],
  ["QueueStore.ts", 1],
  ["queue_store.ts", 1],
] as const) {
  test(`file names: ${name}`, () => {
    assert.equal(findVagueName(readSource(`src/mail/${name}`, "")).length, findings);
  });
}

test("floors: the project's own files are read at all", () => {
  assert.ok(sources.length > 20);
  assert.ok(sources.some((source) => readReferences(source).length > 0));
});
