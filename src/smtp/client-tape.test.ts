import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionEnd } from "./client-event.ts";
import type { ClientPhase } from "./client-phase.ts";
import { joinReply, tapeEndOf } from "./client-tape.ts";

const REPLY = { code: 421, lines: ["4.3.2 busy"] };

for (const [end, phase, want] of [
  [{ kind: "quit" }, "quit", " Local"],
  [{ kind: "closing", reply: REPLY }, "mail", " Local"],
  [{ kind: "refused", step: "greeting", reply: REPLY }, "greeting", " Local"],
  [{ kind: "tls-missing" }, "hello", "STARTTLS is needed and not offered Local fault"],
  [{ kind: "self", name: "us.test" }, "hello", "us.test is this server itself Local fault"],
  [{ kind: "violation", text: "x" }, "mail", "SMTP protocol violation: x Local fault"],
  [{ kind: "lost", cause: "timeout" }, "data", "no answer in time (data) Local fault"],
  [{ kind: "lost", cause: "closed" }, "final", "connection closed Remote fault"],
  [{ kind: "lost", cause: "closed" }, "idle", "connection closed Remote"],
  [{ kind: "lost", cause: "closed" }, "quit", "connection closed Remote"],
  [{ kind: "lost", cause: "aborted" }, "mail", " Local"],
  [{ kind: "lost", cause: "handshake" }, "handshake", "TLS has failed Local fault"],
] as const satisfies readonly (readonly [SessionEnd, ClientPhase, string])[]) {
  test(`the end ${JSON.stringify(end)} while ${phase}`, () => {
    const { data, context, isFault } = tapeEndOf(end, phase);
    assert.equal(`${data} ${context}${isFault ? " fault" : ""}`, want);
  });
}

test("what a failed logon says stays out: the reply before it has said it", () => {
  const end = { kind: "logon-failed", text: "hunter2", reply: REPLY } as const;
  assert.ok(!tapeEndOf(end, "logon").data.includes("hunter2"));
});

test("replies are joined as they came", () => {
  assert.equal(joinReply({ code: 250, lines: ["a", "b", "c"] }), "250-a\r\n250-b\r\n250 c");
  assert.equal(joinReply({ code: 250, lines: ["a"] }), "250 a");
  assert.equal(joinReply({ code: 250, lines: [] }), "250");
});
