import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MachinePlayer, type Seen } from "./machine-player.fake.ts";
import { ServerMachine } from "./server-machine.ts";
import type { AuthStep } from "./session-handler.ts";
import { FAKE_SESSION_OPTIONS } from "./session-options.fake.ts";

const PIECES = [
  "EHLO c\r\n",
  "HELO c\r\n",
  "MAIL FROM:<a@b.test>\r\n",
  "RCPT TO:<a@b.test>\r\n",
  "DATA\r\n",
  "MAIL FROM:<a@b.test> BODY=BINARYMIME\r\n",
  "BDAT 3\r\n",
  "BDAT 5 LAST\r\n",
  "BDAT 0 LAST\r\n",
  "abc",
  "..\r\n",
  ".\r\n",
  "\r\n.\r\n",
  "\n",
  "\r",
  "\0",
  "x",
  "RSET\r\n",
  "NOOP\r\n",
  "STARTTLS\r\n",
  "QUIT\r\n",
  "VRFY a\r\n",
  "\xff",
  "AUTH LOGIN\r\n",
  "AUTH LOGIN AAAA\r\n",
  "AAAA\r\n",
  "*\r\n",
  "XCLIENT ADDR=192.0.2.9\r\n",
  "x".repeat(600),
  "x".repeat(1_100),
];
const OPTIONS = {
  ...FAKE_SESSION_OPTIONS,
  startTls: true,
  messageBytesMax: 12,
  recipientsMax: 2,
  protocolErrorsMax: 8,
  logonFailuresMax: 2,
  authMechanisms: { clear: ["LOGIN"], encrypted: ["LOGIN"] },
  extensions: { ...FAKE_SESSION_OPTIONS.extensions, xclient: true },
};
const REFUSED: AuthStep = {
  kind: "done",
  reply: { code: 535, status: "5.7.3", lines: ["Authentication unsuccessful"] },
};
const CHALLENGE: AuthStep = { kind: "challenge", bytes: Buffer.from("Username:") };

function play(text: string, lengths: readonly number[]): Seen[] {
  const player = new MachinePlayer(OPTIONS, { auth: [CHALLENGE, REFUSED, CHALLENGE, CHALLENGE] });
  const bytes = Buffer.from(text, "latin1");
  const seen = player.feed(Buffer.alloc(0));
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const end = start + (lengths[turn % lengths.length] ?? 1);
    seen.push(...player.feed(bytes.subarray(start, end)));
    start = end;
  }
  return seen;
}

test("the same bytes in any cut make the same things happen", () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((all) => all.join(""));
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(text, lengths, (stream, cuts) => {
      assert.deepEqual(play(stream, cuts), play(stream, [stream.length + 1]));
    }),
    { numRuns: 2_000 },
  );
});

test("any bytes: no throw, replies well-formed, one close at most, last", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
      const seen = play(Buffer.from(bytes).toString("latin1"), [700]);
      for (const event of seen) {
        if (event.kind !== "reply") continue;
        for (const [index, line] of event.lines.entries()) {
          const last = index === event.lines.length - 1;
          assert.match(line, last ? /^\d{3} [ -~]*$/ : /^\d{3}-[ -~]*$/);
        }
      }
      const close = seen.findIndex((event) => event.kind === "close");
      assert.ok(close < 0 || close === seen.length - 1);
    }),
    { numRuns: 1_000 },
  );
});

test("questions carry the envelope as it was said", () => {
  const player = new MachinePlayer(FAKE_SESSION_OPTIONS);
  player.feed(
    Buffer.from(
      "EHLO c\r\nMAIL FROM:<ü@b.test> SMTPUTF8 SIZE=9\r\nRCPT TO:<ä@b.test> NOTIFY=DELAY\r\n",
    ),
  );
  assert.deepEqual(player.questions, [
    {
      kind: "mail",
      envelope: {
        sender: "ü@b.test",
        body: "7BIT",
        smtpUtf8: true,
        ret: undefined,
        envid: undefined,
      },
      sizeBytes: 9,
    },
    {
      kind: "rcpt",
      recipient: { address: "ä@b.test", notify: ["DELAY"], originalRecipient: undefined },
    },
  ]);
  assert.deepEqual(player.machine.client, { helo: "c", extended: true, tls: undefined });
});

test("nothing behind an open question is read before its answer", () => {
  const machine = new ServerMachine({
    options: FAKE_SESSION_OPTIONS,
    remoteAddress: "192.0.2.1",
    tls: undefined,
    unread: Buffer.alloc(0),
  });
  machine.receive(Buffer.from("HELO c\r\nMAIL FROM:<>\r\nNOOP\r\n"));
  const kinds: string[] = [];
  for (let effect = machine.next(); effect.kind !== "idle"; effect = machine.next()) {
    kinds.push(effect.kind);
  }
  machine.receive(Buffer.from("QUIT\r\n"));
  assert.equal(machine.next().kind, "idle");
  machine.answer(undefined);
  for (let effect = machine.next(); effect.kind !== "idle"; effect = machine.next()) {
    kinds.push(effect.kind);
  }
  assert.deepEqual(kinds, ["reply", "reply", "mail", "reply", "reply", "reply", "reset", "close"]);
});

test("an answer that nobody asked for is our fault", () => {
  const machine = new MachinePlayer(FAKE_SESSION_OPTIONS).machine;
  assert.throws(() => machine.answer(undefined), /without a question/);
});

for (const [why, before, after] of [
  ["at once before MAIL", "HELO c\r\n", ""],
  [
    "after the reply to the content",
    "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n",
    "x\r\n.\r\n",
  ],
  ["after the transaction is given up", "HELO c\r\nMAIL FROM:<>\r\n", "RSET\r\n"],
] as const) {
  test(`stop: 421 ${why}`, () => {
    const player = new MachinePlayer(FAKE_SESSION_OPTIONS);
    player.feed(Buffer.from(before));
    player.machine.stop();
    const seen = player.feed(Buffer.from(after));
    assert.deepEqual(seen.slice(-2), [
      {
        kind: "reply",
        lines: ["421 4.3.2 Service not available, closing transmission channel"],
      },
      { kind: "close" },
    ]);
    const replies = seen.filter((event) => event.kind === "reply");
    assert.equal(replies.length, after === "" ? 1 : 2);
  });
}

test("after a logon the new options hold, and failures wait as the old ones say", () => {
  const player = new MachinePlayer(
    { ...OPTIONS, authTarpitMs: 5_000, recipientsMax: 1 },
    { auth: [REFUSED] },
  );
  player.feed(Buffer.from("EHLO c\r\nAUTH LOGIN\r\n"));
  assert.deepEqual(player.delaysMs, [5_000]);
  const machine = player.machine;
  machine.receive(Buffer.from("AUTH LOGIN\r\n"));
  assert.equal(machine.next().kind, "authenticate");
  const reply = { code: 235, status: "2.7.0", lines: ["Authentication successful"] };
  machine.answerLogon({ kind: "done", reply }, { ...OPTIONS, recipientsMax: 2 });
  player.feed(Buffer.from("MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n"));
  assert.equal(player.questions.filter(({ kind }) => kind === "rcpt").length, 2);
  assert.deepEqual(player.delaysMs, [5_000]);
});

test("stop ends a session whose exchange waits for the client", () => {
  const player = new MachinePlayer(OPTIONS, { auth: [CHALLENGE] });
  player.feed(Buffer.from("EHLO c\r\nAUTH LOGIN\r\n"));
  player.machine.stop();
  const kinds = player.feed(Buffer.alloc(0)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["reply", "logon", "close"]);
});
