import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { FakeMilter, type FakeMilterScript, indexed, texts } from "./milter.fake.ts";
import type { MilterCommand } from "./milter-command.ts";
import { type MilterPeer, MilterSession } from "./milter-session.ts";
import {
  formatMilterPacket,
  MILTER_ACTION,
  nulEnded,
  MILTER_PROTOCOL as P,
  uint32,
} from "./milter-wire.ts";
import { peerAt } from "./scan-peer.fake.ts";

interface TestScope {
  after(cleanup: () => Promise<void>): void;
}

async function startMilter(
  t: TestScope,
  script: FakeMilterScript = {},
  options: Partial<MilterPeer> = {},
): Promise<{ readonly milter: FakeMilter; readonly session: MilterSession }> {
  const milter = new FakeMilter(script);
  const port = await milter.listen();
  t.after(() => milter.close());
  const opened = await MilterSession.open({ ...peerOf(port), ...options });
  assert.ok(opened.ok, JSON.stringify(opened));
  return { milter, session: opened.value };
}

function peerOf(port: number): MilterPeer {
  const timeouts = { commandTimeoutMs: 60_000, contentTimeoutMs: 60_000 };
  return { ...peerAt(port), ...timeouts, modificationBytesMax: 100_000 };
}

const CONNECT: MilterCommand = {
  kind: "connect",
  host: "client.test",
  client: { family: "4", address: "192.0.2.1", port: 25 },
};
const HELO: MilterCommand = { kind: "helo", name: "client.test" };
const MAIL: MilterCommand = { kind: "mail", address: "<a@b.test>", parameters: [] };
const RCPT: MilterCommand = { kind: "rcpt", address: "<c@d.test>", parameters: [] };
const HEADER: MilterCommand = { kind: "header", name: "To", value: Buffer.from(" x") };
const MESSAGE: readonly MilterCommand[] = [
  ...[MAIL, RCPT, { kind: "data" } as const, HEADER, { kind: "eoh" } as const],
  ...[{ kind: "body", bytes: Buffer.from("hi\r\n") } as const, { kind: "eob" } as const],
];
const MACROS = { i: "42", j: "mx.contoso.test", "{mail_addr}": "a@b.test", v: "" };

async function verdictOf(session: MilterSession, command: MilterCommand): Promise<string> {
  const answer = await session.ask(command, MACROS);
  return answer.ok ? answer.value.verdict.kind : answer.fault.kind;
}

async function verdicts(session: MilterSession, commands: readonly MilterCommand[]) {
  const said: string[] = [];
  for (const command of commands) said.push(await verdictOf(session, command));
  return said.join(" ");
}

const letters = (milter: FakeMilter) => milter.told.map((line) => line[0]).join("");

test("MilterSession: a whole session, with the macros of each stage", async (t) => {
  const { milter, session } = await startMilter(t);
  await verdicts(session, [CONNECT, HELO, ...MESSAGE]);
  assert.deepEqual(milter.told, [
    "D Cj|mx.contoso.test|",
    "C client.test|4|\x19192.0.2.1|",
    "H client.test|",
    "D Mi|42|{mail_addr}|a@b.test|",
    "M <a@b.test>|",
    "D Ri|42|",
    "R <c@d.test>|",
    "D Ti|42|",
    "T ",
    "L To|x|",
    "D Ni|42|",
    "N ",
    "B hi\r\n",
    "D Ei|42|",
    "E ",
  ]);
});

test("MilterSession: the milter's own lists of macros, and more of ours", async (t) => {
  const lists = [uint32(2), nulEnded("j"), uint32(3), nulEnded("")];
  const head = [uint32(6), uint32(0x1ff), uint32(0)];
  const { milter, session } = await startMilter(
    t,
    { negotiation: formatMilterPacket("O", ...head, ...lists) },
    { extraMacros: [{ stage: "data", name: "j" }] },
  );
  await verdicts(session, MESSAGE.slice(0, 3));
  assert.deepEqual(
    milter.told.filter((line) => line.startsWith("D")),
    ["D Mj|mx.contoso.test|", "D Ti|42|j|mx.contoso.test|"],
  );
});

test("MilterSession: steps that it does without are not sent", async (t) => {
  const protocol =
    P.noConnect | P.noHelo | P.noMail | P.noRcpt | P.noData | P.noUnknown | P.noHeaders;
  const rest = P.noEndOfHeaders | P.noBody;
  const { milter, session } = await startMilter(t, { agrees: { protocol: protocol | rest } });
  const unknown: MilterCommand = { kind: "unknown", line: "FOO" };
  assert.match(await verdicts(session, [CONNECT, HELO, unknown, ...MESSAGE]), /^(?:continue ?)+$/);
  assert.equal(letters(milter), "DE");
});

test("MilterSession: steps that it does not answer are not waited for", async (t) => {
  const first = P.noReplyConnect | P.noReplyHelo | P.noReplyMail | P.noReplyRcpt | P.noReplyData;
  const protocol =
    first | P.noReplyUnknown | P.noReplyHeader | P.noReplyEndOfHeaders | P.noReplyBody;
  const { milter, session } = await startMilter(t, {
    agrees: { protocol },
    answer: ({ code }) => (code === "E" ? undefined : []),
  });
  const unknown: MilterCommand = { kind: "unknown", line: "FOO" };
  assert.match(await verdicts(session, [CONNECT, HELO, unknown, ...MESSAGE]), /^(?:continue ?)+$/);
  assert.equal(letters(milter), "DCHUDMDRDTLDNBDE");
});

for (const [at, letter, want, told] of [
  ["C", "a", "accept continue continue continue continue continue continue continue", "DC"],
  ["H", "r", "continue reject continue continue continue continue continue continue", "DCH"],
  ["M", "a", "continue continue accept continue continue continue continue continue", "DCHDM"],
  [
    "R",
    "r",
    "continue continue continue reject continue continue continue continue",
    "DCHDMDRDTLDNB",
  ],
  ["R", "d", "continue continue continue discard continue continue continue continue", "DCHDMDR"],
  [
    "T",
    "t",
    "continue continue continue continue tempfail continue continue continue",
    "DCHDMDRDT",
  ],
  ["L", "4", "continue continue continue continue continue close continue continue", "DCHDMDRDTL"],
] as const) {
  test(`MilterSession: ${letter} at ${at} concerns whom it should`, async (t) => {
    const { milter, session } = await startMilter(t, {
      answer: ({ code }) => (code === at ? [formatMilterPacket(letter)] : undefined),
    });
    assert.equal(await verdicts(session, [CONNECT, HELO, ...MESSAGE.slice(0, 6)]), want);
    assert.equal(letters(milter), told);
  });
}

test("MilterSession: after a settled message comes the next one", async (t) => {
  const { milter, session } = await startMilter(t, {
    answer: ({ code }, count) =>
      code === "M" && count < 4 ? [formatMilterPacket("a")] : undefined,
  });
  assert.equal(
    await verdicts(session, [MAIL, RCPT, HELO, MAIL, RCPT]),
    "accept continue continue continue continue",
  );
  assert.equal(letters(milter), "DMHDMDR");
});

test("MilterSession: skip ends the body alone", async (t) => {
  const { milter, session } = await startMilter(t, {
    answer: ({ code }) => (code === "B" ? [formatMilterPacket("s")] : undefined),
  });
  await verdicts(session, MESSAGE.slice(0, 5));
  const body = await session.askBody(Buffer.alloc(200_000));
  assert.equal(body.ok && body.value.verdict.kind, "skip");
  await verdicts(session, [{ kind: "body", bytes: Buffer.from("x") }, { kind: "eob" }]);
  assert.equal(letters(milter).slice(-3), "BDE");
});

test("MilterSession: a large body goes in pieces of 65535 octets", async (t) => {
  const { milter, session } = await startMilter(t);
  await verdicts(session, MESSAGE.slice(0, 5));
  await session.askBody(Buffer.alloc(131_071, "x"));
  const pieces = milter.told.filter((line) => line.startsWith("B "));
  assert.deepEqual(
    pieces.map(({ length }) => length - 2),
    [65_535, 65_535, 1],
  );
});

const CHANGES = [
  texts("h", "X-A", "1"),
  indexed("i", 0, "X-B", "2"),
  indexed("m", 1, "Subject", "new"),
  texts("e", "<new@b.test>"),
  texts("+", "<more@b.test>"),
  texts("2", "<other@b.test>", "NOTIFY=NEVER"),
  texts("-", "<c@d.test>"),
  formatMilterPacket("b", "new body"),
  texts("q", "looks bad"),
];

test("MilterSession: every change, at the end of the message", async (t) => {
  const { session } = await startMilter(t, {
    answer: ({ code }) =>
      code === "E" ? [...CHANGES, formatMilterPacket("p"), formatMilterPacket("c")] : undefined,
  });
  await verdicts(session, MESSAGE.slice(0, 6));
  const answer = await session.ask({ kind: "eob" });
  assert.ok(answer.ok);
  assert.deepEqual(
    answer.value.modifications.map(({ kind }) => kind),
    [
      ...["addHeader", "insertHeader", "changeHeader", "changeFrom", "addRecipient"],
      ...["addRecipient", "deleteRecipient", "replaceBody", "quarantine"],
    ],
  );
  // The next message has none of them.
  const again = await verdicts(session, MESSAGE.slice(0, 2));
  assert.equal(again, "continue continue");
});

for (const [why, script] of [
  ["changes before the end", { answer: () => [CHANGES[0] ?? new Uint8Array()] }],
  [
    "changes not agreed on",
    { agrees: { actions: MILTER_ACTION.quarantine }, answer: () => CHANGES.slice(0, 1) },
  ],
  ["an unknown answer", { answer: () => [formatMilterPacket("Z")] }],
  ["skip of what is no body", { answer: () => [formatMilterPacket("s")] }],
  ["an impossible length", { answer: () => [Buffer.from("\xff\xff\xff\xffc", "latin1")] }],
  [
    "too many changes",
    { answer: () => Array.from({ length: 4 }, () => texts("h", "X", "y".repeat(30_000))) },
  ],
] as const) {
  test(`MilterSession: ends with ${why}`, async (t) => {
    const { session } = await startMilter(t, script);
    const asked =
      why === "skip of what is no body" || why.startsWith("changes before")
        ? MAIL
        : { kind: "eob" as const };
    assert.equal(await verdictOf(session, asked), "protocol");
    assert.equal(await verdictOf(session, MAIL), "protocol");
  });
}

test("MilterSession: one that speaks unasked, twice, or hangs up", async (t) => {
  const twice = await startMilter(t, {
    answer: () => [formatMilterPacket("c"), formatMilterPacket("c")],
  });
  assert.equal(await verdictOf(twice.session, MAIL), "continue");
  assert.equal(await verdictOf(twice.session, RCPT), "protocol");
  const { milter, session } = await startMilter(t);
  await milter.close();
  assert.equal(await verdictOf(session, MAIL), "protocol");
});

test("MilterSession: a hanging milter, and one that is always at work", async (t) => {
  const clock = fakeClock();
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { session } = await startMilter(
    t,
    {
      answer: () => {
        asked();
        return [];
      },
    },
    { clock },
  );
  const late = verdictOf(session, MAIL);
  await isAsked;
  clock.advance(60_000);
  assert.equal(await late, "timeout");
  const busy = await startMilter(t, {
    answer: () => Array.from({ length: 200 }, () => formatMilterPacket("p")),
  });
  assert.equal(await verdictOf(busy.session, MAIL), "timeout");
});

test("MilterSession: no agreement, no session", async (t) => {
  for (const [negotiation, want] of [
    [formatMilterPacket("O", uint32(9), uint32(0), uint32(0)), "protocol"],
    [formatMilterPacket("c"), "protocol"],
    [Buffer.from("HTTP/1.1 400 Bad Request\r\n"), "protocol"],
  ] as const) {
    const milter = new FakeMilter({ negotiation });
    const port = await milter.listen();
    t.after(() => milter.close());
    const opened = await MilterSession.open(peerOf(port));
    assert.equal(opened.ok ? "ok" : opened.fault.kind, want);
  }
  const opened = await MilterSession.open(peerOf(1));
  assert.equal(opened.ok ? "ok" : opened.fault.kind, "unreachable");
});

test("MilterSession: abort, another session on the same connection, quit", async (t) => {
  const { milter, session } = await startMilter(t);
  session.abort();
  await verdicts(session, [CONNECT, MAIL]);
  session.abort();
  session.abort();
  assert.ok(session.reset());
  await verdicts(session, [CONNECT, MAIL, RCPT]);
  session.quit();
  while (!milter.told.some((line) => line.startsWith("Q"))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(letters(milter), "DCDMAKDCDMDRQ");
  assert.equal(milter.connections, 1);
  assert.equal(await verdictOf(session, MAIL), "aborted");
});

test("MilterSession: what the milter wants to see", async (t) => {
  const wants = P.rejectedRcpt | P.leadingSpace;
  const { session } = await startMilter(t, { agrees: { protocol: wants } });
  assert.deepEqual([session.wantsRejectedRecipients, session.keepsLeadingSpace], [true, true]);
  const { session: other } = await startMilter(t);
  assert.deepEqual([other.wantsRejectedRecipients, other.keepsLeadingSpace], [false, false]);
});
