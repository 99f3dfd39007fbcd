import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { fakeClock } from "../base/clock.fake.ts";
import type { DiagnosticFields } from "../base/diagnostics.ts";
import { StoreFailure } from "../store/queue-store.ts";
import { AgentFailure } from "../transport/agents/agent-failure.ts";
import type { ModuleQuestion } from "../transport/agents/module-agent.ts";
import { AgentModuleHost } from "./agent-module-host.ts";

const SENDER = { envelope: { sender: "a@b.test", body: "7BIT", smtpUtf8: false } } as const;
const MAIL = {
  event: "OnMailCommand",
  subject: { envelope: { ...SENDER.envelope, requireTls: false } },
} as const;

/** A host of a module with that text, and what it has told. */
function hostOf(t: TestContext, text: string, timeLimitMs = 60_000) {
  const folder = mkdtempSync(join(tmpdir(), "postrider-module-"));
  const path = join(folder, "agent.js");
  writeFileSync(path, text);
  const clock = fakeClock();
  const told: { event: string; fields: DiagnosticFields }[] = [];
  const note = (event: string, fields: DiagnosticFields = {}) => void told.push({ event, fields });
  const host = new AgentModuleHost({
    ...{ agent: "Probe", url: pathToFileURL(path).href, clock },
    diagnostics: { info: note, warn: note, error: note },
    timeLimitMs: () => timeLimitMs,
  });
  t.after(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });
  /** Waits for what happens in the module's thread. */
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise(setImmediate);
  };
  const hasSaid = (text: string) =>
    told.some(({ event, fields }) => event === "agent-said" && fields["text"] === text);
  return { host, clock, told, until, hasSaid, path };
}

function handling(event: string, body: string): string {
  return `export default { events: { async ${event}(event) { ${body} } } };`;
}

test("what a module hears is known once it is loaded", async (t) => {
  const { host } = hostOf(
    t,
    `export default { description: "A test", events: {
      OnResolvedMessage() {}, OnMailCommand() {} } };`,
  );
  assert.deepEqual(await host.load(), {
    ok: true,
    value: { description: "A test", events: ["OnMailCommand", "OnResolvedMessage"] },
  });
});

for (const [what, text, fault] of [
  ["does not parse", "export default {", /SyntaxError/],
  ["throws", "throw new Error('at the top')", /^it threw Error: at the top/],
  ["imports what is not there", 'import "./nothing.js";', /Cannot find module/],
  ["has no default export", "export const events = {};", /no default export/],
  ["hears nothing", "export default { events: {} };", /default\.events is empty/],
  ["hears what is no event", "export default { events: { OnMail() {} } };", /OnMail is no event/],
  ["has no functions", "export default { events: { OnConnect: 1 } };", /OnConnect is not a fun/],
  ["says more", "export default { events: {}, on: 1 };", /default\.on is not known/],
  ["ends its process", "process.exit(3)", /ended its thread \(exit code 3\)/],
] as const) {
  test(`a module that ${what} is not loaded, and it is said why`, async (t) => {
    const { host } = hostOf(t, text);
    const facts = await host.load();
    assert.ok(!facts.ok);
    assert.match(facts.fault, fault);
  });
}

test("one that never comes to an end of loading is given up", async (t) => {
  const { host, clock } = hostOf(t, "await new Promise(() => setInterval(() => {}, 1000));");
  const loading = host.load();
  await new Promise(setImmediate);
  clock.advance(15_000);
  assert.deepEqual(await loading, { ok: false, fault: "it is not loaded after 15 seconds" });
});

test("a module knows nothing of the server's environment", async (t) => {
  const { host, hasSaid, until } = hostOf(
    t,
    handling(
      "OnMailCommand",
      "console.log(JSON.stringify([process.env, process.argv.length, Object.keys(event)]));",
    ),
  );
  assert.equal(await host.ask(MAIL), undefined);
  const want = JSON.stringify([{}, 2, ["envelope", "signal"]]);
  await until(() => hasSaid(want));
});

for (const [what, body, want] of [
  [
    "throws",
    "throw new Error('no idea')",
    /^it threw Error: no idea\n {4}at .*OnMailCommand .*agent\.js:1:\d+\)$/,
  ],
  ["throws nothing that can be shown", "throw Object.create(null)", /cannot be shown/],
  ["answers a word", "return 'accept'", /bad answer: answer is "accept"; it has to be an object/],
  ["answers what is not known", "return {kind: 'reject'}", /answer\.kind is "reject"; it has to/],
  ["answers too much", "return {kind: 'accept', scl: 5}", /answer\.scl is not known/],
  ["ends its process", "process.exit(0)", /it has ended its thread \(exit code 0\)/],
  [
    "leaves a rejection behind",
    "Promise.reject(new Error('lost')); await new Promise(() => {})",
    /its thread died of Error: lost/,
  ],
  [
    "eats memory",
    "const all = []; for (;;) all.push(new Array(1e5).fill({}).map(() => ({})))",
    /it used more than its 128 MiB of memory/,
  ],
] as const) {
  test(`a module that ${what}: the question fails, the next one is asked again`, async (t) => {
    const { host, clock } = hostOf(
      t,
      handling(
        "OnMailCommand",
        `if (event.envelope.sender === "good@b.test") return {kind: "accept", stop: true}; ${body}`,
      ),
    );
    await assert.rejects(host.ask(MAIL), (error) => {
      assert.ok(error instanceof AgentFailure);
      assert.match(error.message, want);
      return true;
    });
    const next = host.ask({
      ...MAIL,
      subject: { envelope: { ...MAIL.subject.envelope, sender: "good@b.test" } },
    });
    await new Promise(setImmediate);
    // One that has died is started again a second later.
    clock.advance(1000);
    assert.deepEqual(await next, { kind: "accept", stop: true });
  });
}

test("a module that loops for ever is ended, and all that wait for it are told", async (t) => {
  const { host, clock, until, hasSaid } = hostOf(
    t,
    `${handling(
      "OnMailCommand",
      `console.log("looping"); setTimeout(() => { for (;;); }, 1);
        await new Promise(() => {})`,
    )}`,
  );
  const asked = [host.ask(MAIL), host.ask(MAIL)];
  const ended = Promise.allSettled(asked);
  await until(() => hasSaid("looping"));
  // Ping after ping is answered until it loops; then one is not.
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  await until(() => {
    clock.advance(500);
    return isOver;
  });
  for (const one of await ended) {
    assert.equal(one.status, "rejected");
    assert.match(String(one.reason), /computes without a pause|did not answer in time/);
  }
});

test("buffers count too, also while it never pauses", async (t) => {
  const { host, clock, until, hasSaid } = hostOf(
    t,
    handling(
      "OnMailCommand",
      `const all = []; for (let mb = 0; mb < 300; mb += 1) all.push(Buffer.alloc(1e6, 1));
       console.log("full"); setTimeout(() => { for (;;); }, 1); await new Promise(() => all)`,
    ),
  );
  const failed = assert.rejects(host.ask(MAIL), /it holds more than 256 MiB in buffers/);
  await until(() => hasSaid("full"));
  clock.advance(500);
  await failed;
});

const pieces = ["From: a\r\nSubject: b\r\n c\r\n\r\n", "body\r\n"].map((text) => Buffer.from(text));
const DATA: ModuleQuestion = {
  event: "OnResolvedMessage",
  subject: {
    header: { subject: "b c", messageId: "", from: "" },
    bytes: Buffer.concat(pieces).length,
  },
  async *content() {
    yield* pieces;
  },
};

test("a module reads header and content, as often as it likes", async (t) => {
  const { host } = hostOf(
    t,
    handling(
      "OnResolvedMessage",
      `const names = [];
       for (let time = 0; time < 9; time += 1) {
         for (const { name, value } of await event.headers()) names.push(name + "=" + value);
       }
       let count = 0;
       for await (const piece of event.pieces()) count += piece.length;
       const text = Buffer.from(await event.content()).toString("latin1");
       const refused = await event.content(5).catch((error) => error.message);
       return { info: JSON.stringify([names.slice(-2), count, text.slice(-6, -2), refused]) };`,
    ),
  );
  assert.deepEqual(await host.ask(DATA), {
    info: JSON.stringify([
      ["From=a", "Subject=b c"],
      33,
      "body",
      "the content has 33 octets, more than 5",
    ]),
  });
});

test("content that cannot be read is the store's failure, not the module's", async (t) => {
  const { host } = hostOf(
    t,
    handling("OnResolvedMessage", "await event.content().catch(() => {}); return {};"),
  );
  const broken = new StoreFailure("gone", { full: false });
  const question: ModuleQuestion = {
    ...DATA,
    // biome-ignore lint/correctness/useYield: it fails before its first piece
    async *content() {
      throw broken;
    },
  };
  await assert.rejects(host.ask(question), broken);
});

test("a question that is given up is over for the module too", async (t) => {
  const { host, clock, until, hasSaid } = hostOf(
    t,
    handling(
      "OnResolvedMessage",
      `console.log("asked");
       await new Promise((resolve) => event.signal.addEventListener("abort", resolve));
       console.log(await event.content().catch((error) => error.name));`,
    ),
    1000,
  );
  const asked = host.ask(DATA);
  const ended = assert.rejects(asked, /did not answer in time/);
  await until(() => hasSaid("asked"));
  clock.advance(1100);
  await ended;
  await until(() => hasSaid("AbortError"));
});

test("no more questions than it can hold", async (t) => {
  const { host, clock } = hostOf(t, handling("OnMailCommand", "await new Promise(() => {})"));
  const all = Promise.allSettled(Array.from({ length: 200 }, () => host.ask(MAIL)));
  await assert.rejects(host.ask(MAIL), /200 questions to answer already/);
  clock.advance(61_000);
  assert.ok((await all).every(({ status }) => status === "rejected"));
});

test("one that is uninstalled has nothing to say, and finishes what it began", async (t) => {
  const { host, until, hasSaid } = hostOf(
    t,
    handling(
      "OnMailCommand",
      `console.log("begun"); await new Promise((resolve) => setTimeout(resolve, 20));
       return { kind: "accept", stop: true };`,
    ),
  );
  const begun = host.ask(MAIL);
  await until(() => hasSaid("begun"));
  host.retire();
  assert.equal(await host.ask(MAIL), undefined);
  assert.deepEqual(await begun, { kind: "accept", stop: true });
});

test("what it prints is in the log, and only so much of it", async (t) => {
  const { host, told, until } = hostOf(
    t,
    handling(
      "OnMailCommand",
      'for (let line = 0; line < 100; line += 1) console.log("x".repeat(900));',
    ),
  );
  await host.ask(MAIL);
  await until(() => told.some(({ event }) => event === "agent-says-too-much"));
  const said = told.filter(({ event }) => event === "agent-said");
  assert.equal(said.length, 60);
  assert.ok(said.every(({ fields }) => String(fields["text"]).length === 500));
});
