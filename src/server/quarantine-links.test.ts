import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { organizationOf } from "../org/sample-objects.fake.ts";
import { sampleMessage, sampleRecipient } from "../store/queue-contract.ts";
import { formatQuarantineLink } from "../transport/quarantine/quarantine-link.ts";
import { createQuarantineLinks } from "./quarantine-links.ts";

const KEY = Buffer.alloc(32, 3);

function setUp(policy: string) {
  const clock = fakeClock();
  const expiresMs = clock.nowMs() + 60_000;
  const quarantine = { type: "Spam", agent: "A", reason: "R", sinceMs: 0 } as const;
  const kept = {
    message: sampleMessage(7, { quarantine, headerFrom: "" }),
    recipients: [sampleRecipient(0), sampleRecipient(3)],
    recipientCount: 2,
    expiresMs,
  };
  const links = createQuarantineLinks({
    quarantine: { find: async (ids) => (ids.includes(7) ? [kept] : []) },
    organization: () => organizationOf(`quarantinePolicy: { ${policy} }`),
    linkKey: KEY,
    clock,
  });
  const token = (changes: object = {}) =>
    formatQuarantineLink({ messageId: 7, position: 3, expiresMs, ...changes }, KEY);
  return { clock, links, token };
}

test("a link opens the message for its one recipient", async () => {
  const { links, token } = setUp("esnEnabled: true");
  const target = await links.open(token());
  assert.equal(target?.identity, "7");
  assert.equal(target.recipient, "r3@contoso.test");
  assert.equal(target.from, "a@b.test", "the envelope's, where the header has none");
});

for (const [why, policy, changes, spanMs] of [
  ["digests are switched off", "esnEnabled: false", {}, 0],
  ["it is not for users", "esnEnabled: true, endUserQuarantineTypes: [Bulk]", {}, 0],
  ["the message has gone", "esnEnabled: true", { messageId: 8 }, 0],
  ["it has gone for that recipient", "esnEnabled: true", { position: 1 }, 0],
  ["its time is over", "esnEnabled: true", {}, 60_000],
] as const) {
  test(`no link opens when ${why}`, async () => {
    const { clock, links, token } = setUp(policy);
    clock.advance(spanMs);
    assert.equal(await links.open(token(changes)), undefined);
  });
}
