import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { type SessionRecording, SessionTape, type TapeLine } from "./session-tape.ts";

const FACTS = {
  direction: "Receive",
  connector: "Default",
  localEndpoint: "127.0.0.1:25",
  remoteEndpoint: "192.0.2.1:4000",
} as const;
const PEACE = { data: "", context: "Local", isFault: false };

function bench(options: { verbose?: boolean; isKeeping?: boolean } = {}) {
  const clock = fakeClock(1_000_000);
  const kept: SessionRecording[] = [];
  const written: (TapeLine & { readonly sequence: number; readonly id: string })[] = [];
  let ids = 0;
  const desk = {
    clock,
    nextId() {
      ids += 1;
      return `ID${ids}`;
    },
    isKeeping: () => options.isKeeping ?? true,
    keep: (recording: SessionRecording) => void kept.push(recording),
    write: (session: { readonly id: string }, line: TapeLine, sequence: number) =>
      void written.push({ ...line, sequence, id: session.id }),
  };
  const open = (redact?: (text: string) => string) =>
    SessionTape.open(desk, FACTS, { verbose: options.verbose ?? false, redact });
  return { clock, kept, written, open };
}

const textsOf = (lines: readonly TapeLine[]) => lines.map(({ event, data }) => `${event}${data}`);

test("a session in which nothing goes wrong is not kept", () => {
  const { kept, open } = bench();
  const tape = open();
  tape?.saidReply("220 x\r\n");
  tape?.heardCommand("QUIT");
  tape?.saidReply("221 2.0.0 bye\r\n");
  tape?.close(PEACE);
  assert.deepEqual(kept, []);
});

test("one that is refused something is kept with what was said, and why", () => {
  const { clock, kept, open } = bench();
  const tape = open();
  clock.advance(5);
  tape?.heardCommand("RCPT TO:<a@x.test>");
  tape?.saidReply("550 5.1.1 No\r\n");
  tape?.saidReply("421 4.4.2 Later\r\n");
  tape?.close({ data: "idle", context: "Local", isFault: true });
  tape?.close({ data: "again", context: "Local", isFault: true });
  const [recording, ...others] = kept;
  assert.deepEqual(others, []);
  assert.equal(recording?.reason, "550 5.1.1 No");
  assert.equal(recording?.id, "ID1");
  assert.deepEqual(textsOf(recording?.lines ?? []), [
    "+",
    "<RCPT TO:<a@x.test>",
    ">550 5.1.1 No",
    ">421 4.4.2 Later",
    "-idle",
  ]);
  assert.equal(recording?.lines[1]?.atMs, 1_000_005);
});

test("a break is a reason where it is a fault", () => {
  for (const [isFault, count] of [
    [true, 1],
    [false, 0],
  ] as const) {
    const { kept, open } = bench();
    open()?.close({ data: "connection lost", context: "Remote", isFault });
    assert.equal(kept.length, count);
  }
});

test("nobody listens where nothing is kept and nothing is written", () => {
  assert.equal(bench({ isKeeping: false }).open(), undefined);
  assert.ok(bench({ isKeeping: false, verbose: true }).open());
  assert.equal(SessionTape.open(undefined, FACTS, { verbose: true }), undefined);
});

test("challenges, responses and what follows AUTH are masked", () => {
  const { kept, open } = bench();
  const tape = open();
  tape?.heardCommand("AUTH LOGIN");
  tape?.saidReply("334 VXNlcm5hbWU6\r\n");
  tape?.heardCommand("hunter");
  tape?.heardReply("334 c2VjcmV0");
  tape?.saidCommand("AUTH PLAIN AGEAYg==", { isLogon: true });
  tape?.saidCommand("c2VjcmV0", { isLogon: true });
  tape?.close({ data: "x", context: "Local", isFault: true });
  assert.deepEqual(textsOf(kept[0]?.lines ?? []).slice(1, -1), [
    "<AUTH LOGIN",
    ">334 <authentication response>",
    "<<not shown>",
    "<334 <authentication response>",
    ">AUTH PLAIN <authentication response>",
    "><authentication response>",
  ]);
});

test("what we have logged on with is taken out of the server's words", () => {
  const { kept, open } = bench();
  const tape = open((text) => text.replaceAll("hunter2", "***"));
  tape?.heardReply("535 5.7.8 hunter2 is wrong");
  tape?.close(PEACE);
  assert.equal(kept[0]?.reason, "535 5.7.8 *** is wrong");
  assert.ok(!JSON.stringify(kept).includes("hunter2"));
});

test("a long session keeps its beginning and its end, and is bounded", () => {
  const { kept, open } = bench();
  const tape = open();
  for (let index = 0; index < 1000; index += 1) tape?.heardCommand(`RCPT TO:<${index}@x.test>`);
  for (let index = 0; index < 20; index += 1) tape?.saidReply(`550 ${"x".repeat(5000)}\r\n`);
  tape?.close(PEACE);
  const { lines = [], omittedCount = 0, omittedAt } = kept[0] ?? {};
  assert.equal(lines.length + omittedCount, 1022);
  assert.ok(lines.length <= 64, String(lines.length));
  assert.equal(lines[1]?.data, "RCPT TO:<0@x.test>");
  assert.equal(lines.at(-1)?.event, "-");
  assert.equal(omittedAt, 32);
  const length = lines.reduce((sum, { data }) => sum + data.length, 0);
  assert.ok(length <= 8 * 1024, String(length));
});

test("a long session's replies that were no refusals are counted only, until one is", () => {
  const { kept, open } = bench();
  const tape = open();
  for (let index = 0; index < 20; index += 1) {
    tape?.heardCommand(`NOOP ${index}`);
    tape?.saidReply("250 2.0.0 OK\r\n");
  }
  tape?.saidReply("550 5.1.1 No\r\n");
  tape?.saidReply("250 2.0.0 OK again\r\n");
  tape?.close(PEACE);
  const texts = textsOf(kept[0]?.lines ?? []);
  assert.deepEqual(texts.slice(31, 33), ["<NOOP <not shown>", "<NOOP <not shown>"]);
  assert.deepEqual(texts.slice(-3), [">550 5.1.1 No", ">250 2.0.0 OK again", "-"]);
  assert.equal((kept[0]?.omittedCount ?? 0) + texts.length, 1 + 40 + 2 + 1);
});

test("written lines are whole, one for each line of a reply, in one count", () => {
  const { written, open } = bench({ verbose: true });
  const tape = open();
  tape?.saidReply(`250-${"x".repeat(3000)}\r\n250 SIZE\r\n`);
  tape?.note("a", "b");
  assert.deepEqual(
    written.map(({ sequence, event }) => `${sequence}${event}`),
    ["0+", "1>", "2>", "3*"],
  );
  assert.equal(written[1]?.data.length, 3004);
  assert.equal(written[2]?.data, "250 SIZE");
  assert.deepEqual(new Set(written.map(({ id }) => id)), new Set(["ID1"]));
});
