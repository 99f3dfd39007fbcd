import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_DMARC, type SenderAuthentication } from "../../mailauth/sender-authentication.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { judgedMessage } from "./judged-message.ts";
import type { SenderDecision } from "./sender-decision.ts";

const PUBLISHED = { domain: "fabrikam.test", record: "v=DMARC1; p=reject; rua=mailto:a@b.test" };

const FOUND: SenderAuthentication = {
  spf: { result: "pass", identity: "mailfrom", domain: "evil.test" },
  dkim: [{ result: "none", domain: "", selector: "", algorithm: "" }],
  dmarc: {
    ...NO_DMARC,
    result: "fail",
    domain: "fabrikam.test",
    policy: "reject",
    published: PUBLISHED,
  },
  arc: { result: "none" },
  iprev: { result: "pass" },
};

const REFUSED: SenderDecision = {
  kind: "refuse",
  reason: "DmarcReject",
  reply: { code: 550, status: "5.7.1", lines: [] },
};
const HELD: SenderDecision = { kind: "quarantine", type: "Dmarc", reason: "DmarcReject" };
const ACCEPTED: SenderDecision = { kind: "accept" };
const TESTING = { ...PUBLISHED, record: `${PUBLISHED.record}; t=y` };
const PASSED = {
  ...FOUND.dmarc,
  result: "pass",
  alignment: { spf: undefined, dkim: "fabrikam.test" },
} as const;

for (const [why, dmarc, decision, exemption, want] of [
  ["refused", FOUND.dmarc, REFUSED, "[]", "reject fail"],
  ["held", FOUND.dmarc, HELD, "[]", "quarantine fail local_policy"],
  ["let in", FOUND.dmarc, ACCEPTED, "[]", "none fail local_policy"],
  ["exempt", FOUND.dmarc, ACCEPTED, "[fabrikam.test]", "none fail local_policy"],
  ["passed", PASSED, ACCEPTED, "[]", "pass pass"],
  ["passed, no policy", { ...PASSED, policy: "none" }, ACCEPTED, "[]", "none pass"],
  ["passed, refused all the same", PASSED, REFUSED, "[]", "reject pass local_policy"],
  [
    "in test mode",
    { ...FOUND.dmarc, policy: "quarantine", published: TESTING },
    HELD,
    "[]",
    "quarantine fail policy_test_mode",
  ],
  ["not known", { ...FOUND.dmarc, result: "temperror" }, ACCEPTED, "[]", undefined],
  [
    "of a domain that wants no reports",
    { ...FOUND.dmarc, published: { ...PUBLISHED, record: "v=DMARC1; p=reject" } },
    REFUSED,
    "[]",
    undefined,
  ],
  ["without a record", NO_DMARC, ACCEPTED, "[]", undefined],
] as const) {
  test(`a message that is ${why} counts as ${want ?? "nothing"}`, () => {
    const { senderIdConfig } = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
senderIdConfig: { dmarcExemptions: ${exemption} }
`);
    const facts = {
      found: { ...FOUND, dmarc },
      suspicions: [],
      remoteAddress: "192.0.2.1",
      sender: "",
      recipients: [],
    } as const;
    const judged = judgedMessage(facts, senderIdConfig, decision);
    const row = judged?.row;
    const told = row && [row.disposition, row.dkim, ...row.reasons.map(({ type }) => type)];
    assert.equal(told?.join(" "), want);
    if (row !== undefined) assert.deepEqual([row.dkimResults, row.envelopeFrom], [[], ""]);
  });
}
