import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY } from "../../base/units.ts";
import { address, domain } from "../../mail/address.fake.ts";
import { createSenderRewriting } from "../../mail/srs.ts";
import { decideRecipient } from "./recipient-policy.ts";
import { sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";

const MADE_MS = Date.UTC(2026, 10, 21);
const at = (ms: number) => createSenderRewriting(Buffer.from("key"), () => ms);
const REWRITTEN = at(MADE_MS).forward(address("ann@fabrikam.test"), domain("contoso.test"));

for (const [why, text, sender, days, want] of [
  ["a notice", REWRITTEN, "", 1, "accept"],
  ["mail of somebody", REWRITTEN, "eve@evil.test", 1, "refuse rewritten-sender"],
  ["a notice that comes too late", REWRITTEN, "", 30, "refuse rewritten-sender"],
  ["a forged one", "SRS0=aaaaaa=aa=victim.test=bob@contoso.test", "", 0, "refuse rewritten-sender"],
  ["one of another server", "SRS0=aaaaaa=aa=a.test=b@far.test", "", 0, "refuse relay-denied"],
  ["anybody else", "bob@contoso.test", "", 0, "look-up"],
] as const) {
  test(`mail to a rewritten sender: ${why}: ${want}`, () => {
    assert.ok(text !== undefined);
    const rules = {
      rights: new Set<never>(),
      isAuthenticated: false,
      connector: sampleConnector(),
      rewriting: at(MADE_MS + days * DAY),
      sender: sender === "" ? ("" as const) : address(sender),
    };
    const decision = decideRecipient(sampleOrganization(), rules, address(text));
    const reason = decision.kind === "refuse" ? ` ${decision.reason}` : "";
    assert.equal(decision.kind + reason, want);
  });
}
