import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionFailure } from "../base/assert.ts";
import type { ClientEvent } from "./client-event.ts";
import type { LogonAnswer } from "./client-logon.ts";
import { ClientMachine } from "./client-machine.ts";
import { describe, GREETING, OPTIONS } from "./client-talk.fake.ts";

const EHLO = "250-peer.test\r\n250 AUTH PLAIN LOGIN\r\n";
const OK = "235 2.7.0 welcome\r\n";

function authenticate(mechanism: string, text: string | undefined, mayEnd: boolean): LogonAnswer {
  const bytes = text === undefined ? undefined : Buffer.from(text);
  return { kind: "authenticate", mechanism, first: { bytes, mayEnd } };
}

function respond(text: string, mayEnd: boolean): LogonAnswer {
  return { kind: "respond", step: { bytes: Buffer.from(text), mayEnd } };
}

const PLAIN = authenticate("PLAIN", "\0u\0p", true);
const GIVE_UP: LogonAnswer = { kind: "give-up", text: "no", reply: undefined };

/** What we said after EHLO, and the events, with each answer given when a step was asked for. */
function logOn(
  server: readonly string[],
  answers: readonly LogonAnswer[],
): { readonly said: readonly string[]; readonly events: readonly string[] } {
  const machine = new ClientMachine({ ...OPTIONS, logsOn: true });
  const said: string[] = [];
  const events: string[] = [];
  const left = [...answers];
  const settle = () => {
    for (let event = machine.next(); event !== undefined; event = machine.next()) {
      events.push(tell(event));
      if (event.kind !== "log-on" && event.kind !== "challenge") continue;
      assert.equal(machine.phase, "logon");
      assert.equal(machine.isReady, false);
      const answer = left.shift();
      if (answer !== undefined) machine.answerLogon(answer);
    }
    const output = machine.takeOutput();
    if (output !== "" && !output.startsWith("EHLO")) said.push(output.replace("\r\n", ""));
  };
  for (const turn of [GREETING, EHLO, ...server]) {
    machine.receive(Buffer.from(turn));
    settle();
  }
  return { said, events };
}

function tell(event: ClientEvent): string {
  if (event.kind === "log-on") return `log-on ${event.refused?.code ?? ""}`.trimEnd();
  if (event.kind === "challenge") return `challenge ${Buffer.from(event.bytes).toString()}`;
  return describe(event);
}

const LONG = "x".repeat(400);
const LONG_64 = Buffer.from(LONG).toString("base64");

for (const [why, server, answers, said, events] of [
  ["with an initial response", [OK], [PLAIN], ["AUTH PLAIN AHUAcA=="], ["log-on", "ready"]],
  [
    "an empty initial response is =",
    [OK],
    [authenticate("EXTERNAL", "", true)],
    ["AUTH EXTERNAL ="],
    ["log-on", "ready"],
  ],
  [
    "the server speaks first",
    ["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n", OK],
    [authenticate("LOGIN", undefined, false), respond("u", false), respond("p", true)],
    ["AUTH LOGIN", "dQ==", "cA=="],
    ["log-on", "challenge Username:", "challenge Password:", "ready"],
  ],
  [
    "what does not fit into the command follows it",
    ["334 \r\n", OK],
    [authenticate("XOAUTH2", LONG, true)],
    ["AUTH XOAUTH2", LONG_64],
    ["log-on", "ready"],
  ],
  [
    "235 before that",
    [OK],
    [authenticate("XOAUTH2", LONG, true)],
    ["AUTH XOAUTH2"],
    ["log-on", "ended violation 235 before the exchange was over"],
  ],
  [
    "235 before the server has proved itself",
    [OK],
    [authenticate("SCRAM-SHA-256", "n,,", false)],
    ["AUTH SCRAM-SHA-256 biws"],
    ["log-on", "ended violation 235 before the exchange was over"],
  ],
  [
    "refused, and tried again",
    ["535 5.7.8 no\r\n", OK],
    [PLAIN, PLAIN],
    ["AUTH PLAIN AHUAcA==", "AUTH PLAIN AHUAcA=="],
    ["log-on", "log-on 535", "ready"],
  ],
  [
    "refused, and given up",
    ["454 4.7.0 later\r\n"],
    [PLAIN, GIVE_UP],
    ["AUTH PLAIN AHUAcA=="],
    ["log-on", "log-on 454", "ended logon-failed no"],
  ],
  [
    "a challenge that cannot be met",
    ["334 eA==\r\n", "501 5.7.0 cancelled\r\n"],
    [authenticate("NTLM", "", false), { kind: "cancel" }, GIVE_UP],
    ["AUTH NTLM =", "*"],
    ["log-on", "challenge x", "log-on 501", "ended logon-failed no"],
  ],
  [
    "a challenge that is no base64 is cancelled",
    ["334 &&&\r\n", "501 5.7.0 cancelled\r\n"],
    [authenticate("LOGIN", undefined, false), GIVE_UP],
    ["AUTH LOGIN", "*"],
    ["log-on", "log-on 501", "ended logon-failed no"],
  ],
  [
    "235 to a cancelled exchange",
    ["334 eA==\r\n", OK],
    [authenticate("LOGIN", undefined, true), { kind: "cancel" }],
    ["AUTH LOGIN", "*"],
    ["log-on", "challenge x", "ended violation 235 before the exchange was over"],
  ],
  [
    "another success",
    ["250 OK\r\n"],
    [PLAIN],
    ["AUTH PLAIN AHUAcA=="],
    ["log-on", "ended violation 250 to AUTH"],
  ],
  ["421", ["421 4.3.2 bye\r\n"], [PLAIN], ["AUTH PLAIN AHUAcA=="], ["log-on", "ended closing 421"]],
  [
    "a reply before our step",
    ["235 2.7.0 hurry\r\n"],
    [],
    [],
    ["log-on", "ended violation unexpected reply 235"],
  ],
] as const satisfies readonly (readonly [
  string,
  readonly string[],
  readonly LogonAnswer[],
  readonly string[],
  readonly string[],
])[]) {
  test(`logon: ${why}`, () => {
    assert.deepEqual(logOn(server, answers), { said, events });
  });
}

test("logon: challenges do not go on for ever", () => {
  const step = respond("y", false);
  const answers = [
    authenticate("LOGIN", undefined, false),
    ...Array.from({ length: 20 }, () => step),
  ];
  const server = Array.from({ length: 20 }, () => "334 eA==\r\n");
  assert.equal(logOn(server, answers).events.at(-1), "ended violation 334 to AUTH");
});

test("logon: an answer that comes too late does nothing, one out of turn is our fault", () => {
  const machine = new ClientMachine({ ...OPTIONS, logsOn: true });
  machine.receive(Buffer.from(GREETING));
  assert.throws(() => machine.answerLogon(PLAIN), AssertionFailure);
  machine.lose("timeout");
  machine.answerLogon(PLAIN);
  assert.doesNotMatch(machine.takeOutput(), /AUTH/);
});
