import assert from "node:assert/strict";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { type LogQuery, type LogRow, LogSearch } from "./log-search.ts";
import { sampleRecording } from "./session-recording.fake.ts";
import { formatRecording } from "./session-recording.ts";
import { addressPattern, partPattern, wildcardPattern } from "./text-pattern.ts";

const HEADER = "#Software: Postrider\r\n#Fields: date-time,who,what\r\n";
const DAY_MS = 86_400_000;

const lineOf = (atMs: number, who: string, what: string) =>
  `${new Date(atMs).toISOString()},${who},${what}\r\n`;

async function logWith(t: TestContext, files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), "postrider-search-"));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(directory, name), HEADER + text);
  }
  return directory;
}

function search(directory: string, query: Partial<LogQuery>, form: "csv" | "recording" = "csv") {
  const log = { directory, prefix: "LOG", form, clock: fakeClock() } as const;
  const found = new LogSearch(log, { conditions: [], ...query });
  const rows: LogRow[] = [];
  for (;;) {
    const batch = found.next();
    rows.push(...batch.rows);
    assert.ok(batch.doneBytes <= batch.totalBytes);
    if (batch.finished) return rows;
  }
}

const whatOf = (rows: readonly LogRow[]) => rows.map(({ values }) => values[2]);

test("lines of all files, the newest first, by field, pattern and time", async (t) => {
  const directory = await logWith(t, {
    "LOG19700102-1.LOG": lineOf(DAY_MS + 1, "alice", "one") + lineOf(DAY_MS + 2, "bob", "two"),
    "LOG19700102-2.LOG": lineOf(DAY_MS + 3, "alice", '"three, ""3"""'),
    "LOG19700103-1.LOG": `${lineOf(2 * DAY_MS, "Alice", "four")}torn line without an end`,
    "OTHER19700103-1.LOG": lineOf(2 * DAY_MS, "alice", "of another log"),
  });
  assert.deepEqual(whatOf(search(directory, {})), ["four", 'three, "3"', "two", "one"]);
  const alice = [{ field: 1, pattern: wildcardPattern("alice") }];
  assert.deepEqual(whatOf(search(directory, { conditions: alice })), ["four", 'three, "3"', "one"]);
  const startMs = DAY_MS + 2;
  assert.deepEqual(whatOf(search(directory, { startMs, endMs: DAY_MS + 3 })), ["two"]);
  assert.deepEqual(whatOf(search(directory, { pattern: partPattern("BOB,t") })), ["two"]);
  assert.deepEqual(search(directory, { pattern: partPattern("nothing") }), []);
  assert.deepEqual(search(join(directory, "missing"), {}), []);
});

test("lines across the windows of reading are found once, in order", async (t) => {
  const count = 20_000;
  const lines = Array.from({ length: count }, (_, index) => lineOf(index, "a", `n${index}`));
  const directory = await logWith(t, { "LOG19700101-1.LOG": lines.join("") });
  const found = whatOf(search(directory, {}));
  assert.equal(found.length, count);
  assert.deepEqual([found[0], found.at(-1)], [`n${count - 1}`, "n0"]);
  assert.deepEqual(new Set(found).size, count);
});

test("files that were last written before the time asked for are not opened", async (t) => {
  const directory = await logWith(t, { "LOG19700101-1.LOG": lineOf(5, "a", "old") });
  await utimes(join(directory, "LOG19700101-1.LOG"), 1, 1);
  const found = new LogSearch(
    { directory, prefix: "LOG", form: "csv", clock: fakeClock() },
    { conditions: [], startMs: DAY_MS },
  ).next();
  assert.equal(found.totalBytes, 0);
});

test("recordings are found by what they are about, and come as their line", async (t) => {
  const other = formatRecording(sampleRecording({ id: "2", connector: 'Café "B"' }));
  const lines = formatRecording(sampleRecording()) + other;
  const directory = await logWith(t, { "LOG19700101-1.LOG": lines });
  const conditions = [{ field: 2, pattern: wildcardPattern('café "b"') }];
  const [row, ...more] = search(directory, { conditions }, "recording");
  assert.equal(row?.values[0], "2");
  assert.equal(`${row?.values.at(-1)}\r\n`, other);
  assert.deepEqual(more, []);
});

for (const [sender, recipient, ids] of [
  ["x@fabrikam.test", undefined, "1 2"],
  ["@fabrikam.test", "nobody@contoso.test", "1"],
  [undefined, "second@contoso.test", "2"],
  [undefined, "*@contoso.test", "1 2"],
  ["<>", undefined, "2"],
  ["nobody@contoso.test", undefined, ""],
] as const) {
  test(`recordings by their envelope: ${sender} to ${recipient}`, async (t) => {
    const data = ["MAIL FROM:<>", "MAIL FROM: <x@fabrikam.test> SIZE=9"];
    data.push("rcpt to:<first@contoso.test>", "RCPT TO:<second@contoso.test>");
    const lines = data.map(
      (one) => ({ atMs: 1_000_000, event: "<", data: one, context: "" }) as const,
    );
    const both = [sampleRecording({ id: "1" }), sampleRecording({ id: "2", lines })];
    const written = both.map(formatRecording).join("");
    const directory = await logWith(t, { "LOG19700101-1.LOG": written });
    const conditions = [
      ...(sender === undefined ? [] : [{ field: 6, pattern: addressPattern(sender) }]),
      ...(recipient === undefined ? [] : [{ field: 7, pattern: addressPattern(recipient) }]),
    ];
    const found = search(directory, { conditions }, "recording").map(({ values }) => values[0]);
    assert.equal(found.toSorted().join(" "), ids);
  });
}
