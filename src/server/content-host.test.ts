import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { systemClock } from "../base/clock.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { MiB } from "../base/units.ts";
import { CONTENT_LIMITS } from "../content/content-limits.ts";
import type { ContentSource } from "../content/content-work.ts";
import { ContentHost } from "./content-host.ts";
import type { TroubleCalls } from "./content-thread.fake.ts";

const entry = new URL("./content-thread.fake.ts", import.meta.url);

function source(...pieces: readonly string[]): ContentSource {
  return {
    bytes: pieces.join("").length,
    async *content() {
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
}

/** A host of the fake thread, and what it says of itself. */
function open(clock = systemClock) {
  const told: string[] = [];
  const note = (event: string, fields?: object) => void told.push(event + JSON.stringify(fields));
  const diagnostics = { ...silentDiagnostics, warn: note, error: note };
  return { host: new ContentHost<TroubleCalls>({ clock, diagnostics, entry }), told };
}

test("the thread reads a message that comes in pieces", async () => {
  const host = new ContentHost({ clock: systemClock, diagnostics: silentDiagnostics });
  const view = host.task("view");
  const read = await view(source("Subject: a", "b\r\n\r\nx"), CONTENT_LIMITS);
  assert(read.ok && read.value.ok);
  assert.equal(read.value.value.subject, "ab");
  const limited = await view(source("Subject: ab"), { ...CONTENT_LIMITS, messageBytesMax: 5 });
  assert(limited.ok && !limited.value.ok);
  assert.equal(limited.value.fault.limit, "messageBytesMax");
  await host.close();
  assert.deepEqual(await view(source(""), CONTENT_LIMITS), { ok: false, fault: "failed" });
});

test("what the thread can be asked", async () => {
  const host = new ContentHost({ clock: systemClock, diagnostics: silentDiagnostics });
  const message = source("Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
  const limits = CONTENT_LIMITS;
  const text = source("Subject: a\r\n\r\nHello\r\n");
  const found = await host.task("attachments")(text, { limits, wanted: "text" });
  assert(found.ok && found.value.ok);
  assert.deepEqual(found.value.value.attachments, []);
  const replacements = [{ path: "1", text: "gone", fileName: "gone.txt" }];
  for (const [answer, want] of [
    [
      await host.task("disclaim")(text, { limits, html: "<p>x", place: "append" }),
      /Hello\r\nx\r\n$/,
    ],
    [await host.task("wrap")(text, { limits, html: "<p>x" }), /Subject: a\r\n\r\nHello\r\n/],
    [await host.task("replaceParts")(message, { limits, replacements }), /gone\.txt/],
    [await host.task("removeParts")(message, { limits, paths: ["1"] }), /--b\r\n/],
  ] as const) {
    assert(answer.ok && answer.value.ok && answer.value.value.kind === "done");
    assert.match(Buffer.concat(answer.value.value.content).toString(), want);
  }
  await host.close();
});

test("a message that it hangs at is given up; the next one gets a new thread", async () => {
  const clock = fakeClock();
  const { host, told } = open(clock);
  const spin = host.task("spin")(source("x"), undefined);
  const next = host.task("length")(source("abc"), 1);
  // The content is read first.
  await new Promise(setImmediate);
  clock.advance(30_000);
  assert.deepEqual(await spin, { ok: false, fault: "slow" });
  await new Promise(setImmediate);
  clock.advance(1000);
  assert.deepEqual(await next, { ok: true, value: 4 });
  assert.deepEqual(told, ['content-thread-failed{"reason":"it takes too long","call":"spin"}']);
  await host.close();
});

test("a message that takes all memory ends the thread, and nothing else", async () => {
  const clock = fakeClock();
  const { host, told } = open(clock);
  assert.deepEqual(await host.task("fill")(source("x"), undefined), { ok: false, fault: "failed" });
  clock.advance(1000);
  assert.deepEqual(await host.task("length")(source("abc"), 0), { ok: true, value: 3 });
  assert.match(told.join(), /^content-thread-failed\{"reason":"[^"]*memory[^"]*"\}$/);
  await host.close();
});

test("a call that throws fails alone, and is told", async () => {
  const { host, told } = open();
  assert.deepEqual(await host.task("throw")(source("x"), undefined), {
    ok: false,
    fault: "failed",
  });
  assert.deepEqual(await host.task("length")(source("abc"), 0), { ok: true, value: 3 });
  assert.deepEqual(told, ['content-thread-failed{"reason":"a fault of ours","call":"throw"}']);
  await host.close();
});

test("what is too much at one time is not waited for, and not read", async () => {
  const { host, told } = open();
  const large = { bytes: 256 * MiB + 1, content: () => assert.fail("it has been read") };
  assert.deepEqual(await host.task("length")(large, 0), { ok: false, fault: "busy" });
  assert.deepEqual(told, ['content-thread-busy{"waiting":0}']);
  const many = Array.from({ length: 502 }, () => host.task("length")(source("x"), 0));
  const answers = await Promise.all(many);
  assert.equal(answers.filter((answer) => !answer.ok && answer.fault === "busy").length, 1);
  await host.close();
});

test("content that cannot be read is its reader's failure; its room is free again", async () => {
  const { host } = open();
  const broken: ContentSource = {
    bytes: 200 * MiB,
    // biome-ignore lint/correctness/useYield: it fails before there is anything to give.
    async *content() {
      throw new Error("no disk");
    },
  };
  for (let time = 0; time < 3; time += 1) {
    await assert.rejects(host.task("length")(broken, 0), /no disk/);
  }
  assert.deepEqual(await host.task("length")(source("abc"), 0), { ok: true, value: 3 });
  await host.close();
});
