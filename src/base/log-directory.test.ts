import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "./clock.fake.ts";
import { type LogDirectoryOptions, type LogEntry, openLogDirectory } from "./log-directory.ts";
import { LogFailure } from "./log-file.ts";
import { DAY, HOUR } from "./units.ts";

const NOON_MS = Date.UTC(2026, 10, 5, 12);
const HEADER = "#Fields: a,b\r\n";
let directory = "";
const made: string[] = [];

beforeEach(() => {
  directory = freshDirectory();
});

afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true });
});

function freshDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "postrider-log-"));
  made.push(path);
  return path;
}

function options(change: Partial<LogDirectoryOptions> = {}): LogDirectoryOptions {
  return {
    directory,
    prefix: "MSGTRK",
    maxFileBytes: 100,
    maxDirectoryBytes: Number.POSITIVE_INFINITY,
    maxAgeMs: 30 * DAY,
    header: () => HEADER,
    clock: fakeClock(NOON_MS),
    ...change,
  };
}

const names = () => readdirSync(directory).sort();
const read = (name: string) => readFileSync(join(directory, name), "utf8");

test("the first line goes behind the header of the day's first file", () => {
  const log = openLogDirectory(options());
  assert.deepEqual(log.locate(10, NOON_MS), {
    file: "MSGTRK20261105-1.LOG",
    offset: HEADER.length,
  });
  log.append("1,2\r\n");
  log.close();
  assert.equal(read("MSGTRK20261105-1.LOG"), `${HEADER}1,2\r\n`);
});

test("locate moves nothing until the bytes are written, and writing twice changes nothing", () => {
  const log = openLogDirectory(options());
  const first = log.locate(5, NOON_MS);
  assert.deepEqual(log.locate(5, NOON_MS), first);
  for (const _ of [1, 2]) log.writeAt(first.file, first.offset, Buffer.from("1,2\r\n"));
  assert.equal(log.locate(5, NOON_MS).offset, first.offset + 5);
  log.close();
  assert.equal(read(first.file), `${HEADER}1,2\r\n`);
});

for (const [why, lineBytes, files] of [
  ["a line that just fits stays", 86, 1],
  ["one byte more begins a new file", 87, 2],
] as const) {
  test(`size limit: ${why}`, () => {
    const log = openLogDirectory(options({ maxFileBytes: HEADER.length + 6 + 86 }));
    log.append("1,234\n");
    log.append(`${"x".repeat(lineBytes - 1)}\n`);
    log.close();
    assert.equal(names().length, files);
  });
}

test("a text longer than a whole file gets a file of its own", () => {
  const log = openLogDirectory(options());
  log.append(`${"x".repeat(500)}\n`);
  log.append("1\n");
  log.close();
  assert.deepEqual(
    names().map((name) => read(name).length),
    [HEADER.length + 501, HEADER.length + 2],
  );
});

test("a new UTC day begins with 1; a clock set back goes on in the older day's last file", () => {
  const clock = fakeClock(NOON_MS);
  const log = openLogDirectory(options({ clock }));
  log.append(`${"x".repeat(80)}\n`);
  log.append(`${"y".repeat(80)}\n`);
  clock.advance(12 * HOUR);
  log.append("tomorrow\n");
  assert.equal(log.locate(4, NOON_MS).file, "MSGTRK20261105-2.LOG");
  log.close();
  assert.deepEqual(names(), [
    "MSGTRK20261105-1.LOG",
    "MSGTRK20261105-2.LOG",
    "MSGTRK20261106-1.LOG",
  ]);
});

test("a restart goes on in the file with the highest number, and cuts a torn line off", () => {
  const lines = `${HEADER}1,2\r\n`;
  writeFileSync(join(directory, "MSGTRK20261105-9.LOG"), lines);
  writeFileSync(join(directory, "MSGTRK20261105-10.LOG"), `${lines}3,4\r\n5,${"6".repeat(70_000)}`);
  const log = openLogDirectory(options());
  log.append("7,8\r\n");
  log.close();
  assert.equal(read("MSGTRK20261105-10.LOG"), `${lines}3,4\r\n7,8\r\n`);
});

test("a file whose header never got to the disk gets one", () => {
  writeFileSync(join(directory, "MSGTRK20261105-1.LOG"), "#Fie");
  const log = openLogDirectory(options());
  log.append("1\r\n");
  log.close();
  assert.equal(read("MSGTRK20261105-1.LOG"), `${HEADER}1\r\n`);
});

test("prune: files past the age go, others' files and other prefixes stay", () => {
  const ours = ["MSGTRK20261004-1.LOG", "MSGTRK20261005-1.LOG", "MSGTRK20261006-1.LOG"];
  const others = ["CONNECTLOG20200101-1.LOG", "MSGTRK20200101-1.LOG.gz", "MSGTRKMD20200101-1.LOG"];
  for (const name of [...ours, ...others]) writeFileSync(join(directory, name), HEADER);
  const log = openLogDirectory(options());
  assert.deepEqual(log.prune(NOON_MS), ["MSGTRK20261004-1.LOG", "MSGTRK20261005-1.LOG"]);
  assert.deepEqual(names(), [...others, "MSGTRK20261006-1.LOG"].sort());
  log.configure({ ...options(), maxAgeMs: 0 });
  assert.deepEqual(log.prune(NOON_MS + 1000 * DAY), []);
  log.close();
});

test("the directory never outgrows its limit, and the current file is never deleted", () => {
  const log = openLogDirectory(options({ maxDirectoryBytes: 350 }));
  for (let index = 0; index < 50; index += 1) {
    log.append(`${String(index).padStart(30, "0")}\n`);
    const bytes = names().reduce((sum, name) => sum + read(name).length, 0);
    assert.ok(bytes <= 350, `${bytes}`);
  }
  assert.ok(names().length >= 3);
  log.configure({ ...options(), maxDirectoryBytes: 1 });
  log.prune(NOON_MS);
  assert.equal(names().length, 1);
  log.append("still here\n");
  log.close();
});

test("a full disk is a failure that says so; with room, the log goes on where it stood", () => {
  const name = "MSGTRK20261105-1.LOG";
  symlinkSync("/dev/full", join(directory, name));
  const log = openLogDirectory(options());
  assert.throws(
    () => log.append("1\r\n"),
    (error) => error instanceof LogFailure && error.full,
  );
  rmSync(join(directory, name));
  log.append("1\r\n");
  log.close();
  assert.equal(read(name), `${HEADER}1\r\n`);
});

test("a directory that cannot be made is a failure, not full", () => {
  writeFileSync(join(directory, "file"), "");
  assert.throws(
    () => openLogDirectory(options({ directory: join(directory, "file", "log") })),
    (error) => error instanceof LogFailure && !error.full,
  );
});

test("a file name from elsewhere is refused", () => {
  const log = openLogDirectory(options());
  for (const file of ["../MSGTRK20261105-1.LOG", "x.LOG", "MSGTRK20261105-1.LOG/x"]) {
    assert.throws(() => log.recover([{ file, offset: 0, text: "x" }]), /not a file of this log/);
  }
});

test("recover cuts off what follows the last entry: its transaction was never committed", () => {
  const log = openLogDirectory(options());
  const place = log.locate(5, NOON_MS);
  log.writeAt(place.file, place.offset, Buffer.from("1,2\r\n3,4\r\n"));
  log.recover([{ ...place, text: "1,2\r\n" }]);
  log.close();
  assert.equal(read(place.file), `${HEADER}1,2\r\n`);
});

test("recover makes a file again that somebody deleted, with lines at their places", () => {
  const log = openLogDirectory(options());
  log.recover([{ file: "MSGTRK20261105-3.LOG", offset: 50, text: "1,2\r\n" }]);
  log.close();
  const lines = read("MSGTRK20261105-3.LOG").split("\r\n");
  assert.equal(lines.join("\r\n").indexOf("1,2"), 50);
  assert.ok(lines.every((line) => line.startsWith("#") || line === "1,2" || line === ""));
});

test("whatever a crash leaves since the last sync, recover restores every line once", () => {
  const commits = fc.array(
    fc.record({
      text: fc.array(fc.integer({ min: 0, max: 99_999 }), { minLength: 1, maxLength: 6 }),
      hours: fc.constantFrom(0, 0, 0, 9),
      sync: fc.boolean(),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(commits, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      directory = freshDirectory();
      const clock = fakeClock(NOON_MS);
      const log = openLogDirectory(options({ clock }));
      let pending: LogEntry[] = [];
      let written = "";
      for (const step of steps) {
        clock.advance(step.hours * HOUR);
        const text = `${step.text.join(",")}\r\n`;
        const place = log.locate(text.length, clock.nowMs());
        pending.push({ ...place, text });
        log.writeAt(place.file, place.offset, Buffer.from(text));
        written += text;
        if (step.sync) {
          log.sync();
          pending = [];
        }
      }
      crash(pending, share);
      const after = openLogDirectory(options({ clock }));
      for (const _ of [1, 2]) after.recover(pending);
      after.append("end\r\n");
      after.close();
      log.close();
      const byAge = (left: string, right: string) => fileRank(left) - fileRank(right);
      const lines = names()
        .sort(byAge)
        .map((name) => read(name).replaceAll(HEADER, ""));
      assert.equal(lines.join(""), `${written}end\r\n`);
    }),
    { numRuns: 200 },
  );
});

test("lines are counted: a file holds a tenth, the oldest go; those found at start too", () => {
  const clock = fakeClock(NOON_MS);
  const countOf = () =>
    names().reduce((sum, name) => sum + read(name).split("\n").filter(isLine).length, 0);
  const isLine = (line: string) => line !== "" && !line.startsWith("#");
  const log = openLogDirectory(options({ clock, maxFileBytes: 1e6, maxLines: 20 }));
  for (let index = 0; index < 50; index += 1) {
    log.append(`${index}\r\n`);
    assert.ok(countOf() <= 20, `${countOf()} lines`);
  }
  assert.ok(countOf() >= 18, `${countOf()} lines`);
  log.close();
  const again = openLogDirectory(options({ clock, maxFileBytes: 1e6, maxLines: 6 }));
  again.append("last\r\n");
  assert.ok(countOf() <= 6, `${countOf()} lines`);
  assert.ok(names().some((name) => read(name).endsWith("last\r\n")));
  again.configure({ ...options(), maxFileBytes: 1e6, maxLines: 2 });
  again.prune(clock.nowMs());
  assert.ok(countOf() <= 2, `${countOf()} lines`);
  again.close();
});

function fileRank(name: string): number {
  const [, day, index] = /(\d{8})-(\d+)/.exec(name) ?? [];
  return Number(day) * 1000 + Number(index);
}

/** Cuts each file somewhere behind its first write that was not flushed. */
function crash(pending: readonly LogEntry[], share: number): void {
  for (const name of new Set(pending.map(({ file }) => file))) {
    const start = pending.find(({ file }) => file === name)?.offset ?? 0;
    const end = read(name).length;
    truncateSync(join(directory, name), start + Math.floor((end - start) * share));
  }
}
