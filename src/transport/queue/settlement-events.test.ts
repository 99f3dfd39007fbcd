import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMessage, sampleRecipient } from "../../store/queue-contract.ts";
import { hopFault } from "./hop.fake.ts";
import type { Hop, Outcome } from "./outcome.ts";
import { endingEvents } from "./settlement-events.ts";

const CLEAR = { name: "mx.test", address: "192.0.2.1", localAddress: "192.0.2.2" };
const SECURED = { ...CLEAR, tls: { version: "TLSv1.3", cipher: "TLS_X", mode: "Dane" } };
const relayed = (hop: Hop): Outcome => ({
  kind: "relayed",
  hop,
  reply: "250 OK",
  dsn: "ours",
});
const TLS = "S:TlsVersion=TLSv1.3;S:TlsCipher=TLS_X;S:TlsPolicy=Dane";

test("the session is its source, unless somebody has acted", () => {
  const ending = relayed({ ...CLEAR, sessionId: "019B27E1A4C00000" });
  const endings = [{ recipient: sampleRecipient(0), ending }];
  const job = { message: sampleMessage(1), endings, connector: "", possibleDuplicate: false };
  const contextOf = (about: object) =>
    endingEvents({ ...job, ...about }, { serverName: "us.test", nowMs: 0 })[0]?.sourceContext;
  assert.equal(contextOf({}), "019B27E1A4C00000");
  assert.equal(contextOf({ sourceContext: "Remove-Message;by=root" }), "Remove-Message;by=root");
});

for (const [why, ending, possibleDuplicate, want] of [
  ["in clear", relayed(CLEAR), false, ""],
  ["in clear, perhaps twice", relayed(CLEAR), true, "S:PossibleDuplicate=True"],
  ["secured", relayed(SECURED), false, TLS],
  ["secured, perhaps twice", relayed(SECURED), true, `S:PossibleDuplicate=True;${TLS}`],
  ["refused", { kind: "deferred", fault: hopFault("451 4.7.1 Later", { hop: SECURED }) }, true, ""],
] as const) {
  test(`custom data of a message that was sent ${why}`, () => {
    const endings = [{ recipient: sampleRecipient(0), ending }];
    const job = { message: sampleMessage(1), endings, connector: "", possibleDuplicate };
    const [event] = endingEvents(job, { serverName: "us.test", nowMs: 0 });
    assert.equal(event?.customData, want);
  });
}
