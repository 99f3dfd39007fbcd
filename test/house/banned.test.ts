import assert from "node:assert/strict";
import { test } from "node:test";
import { findBanned, findSwallowed, findSwitchedOffTests, findUnfinished } from "./banned.ts";
import { formatFindings, readProject, readSource, readSources } from "./source.ts";

test("clock, dice, console, sockets, SQLite and blocking calls stay in their rooms", () => {
  assert.equal(formatFindings(readSources("src/**/*.ts").flatMap(findBanned)), "");
});

test("no test is switched off", () => {
  assert.equal(formatFindings(readProject().flatMap(findSwitchedOffTests)), "");
});

test("nothing is marked as unfinished", () => {
  assert.equal(formatFindings(readProject().flatMap(findUnfinished)), "");
});

test("no fault is swallowed without a word", () => {
  assert.equal(formatFindings(readProject().flatMap(findSwallowed)), "");
});

for (const [path, text, count] of [
  ["src/mail/a.ts", "Date.now();", 1],
  ["src/mail/a.test.ts", "Date.now();", 1],
  ["src/base/clock.ts", "Date.now();", 0],
  ["src/mail/a.ts", "const now = Date.now;", 1],
  ["src/mail/a.ts", "new Date();", 1],
  ["src/mail/a.ts", "new Date(nowMs);", 0],
  ["src/mail/a.ts", "Math.random();", 1],
  ["src/mail/a.ts", "Math.max(1, 2);", 0],
  ["src/mail/a.ts", "performance.now();", 1],
  ["src/mail/a.ts", "setTimeout(f, 1);", 1],
  ["src/mail/a.ts", "globalThis.setInterval(f, 1);", 1],
  ["src/mail/a.ts", "socket.setTimeout(1);", 0],
  ["src/mail/a.ts", `import { setTimeout } from "node:timers/promises";`, 1],
  ["src/mail/a.ts", "AbortSignal.timeout(1);", 1],
  ["src/mail/a.ts", "// Date.now() in a comment", 0],
  ["src/mail/a.ts", `const text = "Date.now()";`, 0],
  ["src/store/a.ts", `console.log("x");`, 1],
  ["src/server/cli.ts", `console.log("x");`, 0],
  ["src/server/supervisor.ts", `console.log("x");`, 1],
  ["src/smtp/a.ts", `import { createServer } from "node:net";`, 1],
  ["src/smtp/a.ts", `import type { Socket } from "node:net";`, 1],
  ["src/smtp/a.ts", `import { isIP } from "node:net";`, 0],
  ["src/smtp/a.ts", `import { isIP, Socket } from "node:net";`, 1],
  ["src/net/a.ts", `import { createServer } from "node:net";`, 0],
  ["src/tls/a.ts", `import { createSecureContext } from "node:tls";`, 0],
  ["src/tls/a.ts", `import { createSocket } from "node:dgram";`, 1],
  ["src/org/a.ts", `import { DatabaseSync } from "node:sqlite";`, 1],
  ["src/store/a.ts", `import { DatabaseSync } from "node:sqlite";`, 0],
  ["src/org/a.ts", `import { readFileSync } from "node:fs";`, 1],
  ["src/org/a.ts", `import * as fs from "node:fs"; fs.readFileSync("x");`, 1],
  ["src/org/a.ts", `import fs from "node:fs"; fs.promises.readFile("x");`, 0],
  ["src/org/a.test.ts", `import { readFileSync } from "node:fs";`, 0],
  ["src/base/log-file.ts", `import { fsyncSync } from "node:fs";`, 0],
] as const) {
  test(`banned: ${path} with ${text}`, () => {
    assert.equal(findBanned(readSource(path, text)).length, count);
  });
}

// Spelt in two parts where a search of the sources would take the fixture for the real thing.
for (const [text, count] of [
  ["test('x', () => {});", 0],
  ["test('x', { timeout: 5 }, () => {});", 0],
  [`test.${"skip"}('x', () => {});`, 1],
  [`describe.${"only"}('x', () => {});`, 1],
  [`test('x', (t) => t.${"todo"}());`, 1],
  [`test('x', { ${"skip"}: true }, () => {});`, 1],
  ["reader.skip(3);", 0],
] as const) {
  test(`switched-off tests: ${text}`, () => {
    assert.equal(findSwitchedOffTests(readSource("src/mail/a.test.ts", text)).length, count);
  });
}

for (const [text, count] of [
  [`// ${"TO"}DO later`, 1],
  [`/* ${"FIX"}ME */`, 1],
  ["// a thing to do", 0],
  [`const text = "${"TO"}DO";`, 0],
] as const) {
  test(`unfinished: ${text}`, () => {
    assert.equal(findUnfinished(readSource("src/mail/a.ts", text)).length, count);
  });
}

for (const [text, count] of [
  ["try { f(); } catch {}", 1],
  ["try { f(); } catch (error) {}", 1],
  ["try { f(); } catch { /* the file may be gone already */ }", 0],
  ["try { f(); } catch { return 1; }", 0],
  ["f().catch(() => {});", 1],
  ["f().catch((error) => report(error));", 0],
  ["f().catch(() => { /* closing anyway */ });", 0],
] as const) {
  test(`swallowed: ${text}`, () => {
    assert.equal(
      findSwallowed(readSource("src/mail/a.ts", `function g() { ${text} }`)).length,
      count,
    );
  });
}
