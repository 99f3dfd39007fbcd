import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { DiagnosticFields } from "./diagnostics.ts";
import { createDiagnostics, DIAGNOSTIC_VALUE_LENGTH_MAX } from "./pino-diagnostics.ts";

const directory = mkdtempSync(join(tmpdir(), "postrider-diagnostics-"));
after(() => rmSync(directory, { recursive: true }));
let count = 0;

/** What one warning with these fields looks like in the file. */
async function written(
  fields: DiagnosticFields,
): Promise<{ readonly text: string; readonly line: object }> {
  const path = join(directory, `${count++}.log`);
  const diagnostics = createDiagnostics({ destination: path, thread: "store", level: "info" });
  diagnostics.warn("disk-full", fields);
  await diagnostics.flush();
  const text = readFileSync(path, "utf8");
  const line: unknown = JSON.parse(text);
  assert.ok(typeof line === "object" && line !== null);
  return { text, line };
}

test("a line is one JSON object with time, level, thread, event and the fields", async () => {
  const { text, line } = await written({ free: 12, path: "/x", ok: false, hosts: ["a", "b"] });
  const [time, ...rest] = Object.entries(line).sort(([left]) => (left === "time" ? -1 : 1));
  assert.match(String(time?.[1]), /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
  assert.deepEqual(Object.fromEntries(rest), {
    level: "warn",
    thread: "store",
    event: "disk-full",
    free: 12,
    path: "/x",
    ok: false,
    hosts: ["a", "b"],
  });
  assert.equal(text.split("\n").length, 2);
});

for (const name of ["password", "authToken", "PRIVATE_KEY", "clientSecret"]) {
  test(`the field ${name} is never shown`, async () => {
    const { text } = await written({ [name]: "hunter2" });
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /\[secret\]/);
  });
}

test("a field cannot pass itself off as the line's level or event", async () => {
  const { line } = await written({ level: "info", event: "all-well" });
  assert.deepEqual(
    { ...line, time: "" },
    {
      time: "",
      level: "warn",
      thread: "store",
      event: "disk-full",
      level_: "info",
      event_: "all-well",
    },
  );
});

test("a value is cut at its limit", async () => {
  const { line } = await written({
    fits: "x".repeat(DIAGNOSTIC_VALUE_LENGTH_MAX),
    long: "y".repeat(DIAGNOSTIC_VALUE_LENGTH_MAX + 1),
  });
  const values = Object.fromEntries(Object.entries(line));
  assert.equal(values["fits"], "x".repeat(DIAGNOSTIC_VALUE_LENGTH_MAX));
  assert.equal(values["long"], `${"y".repeat(DIAGNOSTIC_VALUE_LENGTH_MAX - 1)}…`);
});

test("no text breaks the line or reaches a terminal as a control", async () => {
  const hostile = fc.string({
    unit: fc.constantFrom(...'\r\n\0\u001b\u007f\u009b\u2028"\\{}é😀a'),
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(hostile, async (value) => {
      const { text } = await written({ value });
      assert.doesNotMatch(text.slice(0, -1), /[\p{Cc}\p{Zl}\p{Zp}]/u);
      assert.ok(text.endsWith("\n"));
    }),
    { numRuns: 50 },
  );
});

test("levels below the chosen one say nothing", async () => {
  const path = join(directory, "quiet.log");
  const diagnostics = createDiagnostics({ destination: path, thread: "main", level: "error" });
  diagnostics.info("a");
  diagnostics.warn("b");
  diagnostics.error("c");
  await diagnostics.flush();
  assert.match(readFileSync(path, "utf8"), /^[^\n]*"event":"c"[^\n]*\n$/);
});
