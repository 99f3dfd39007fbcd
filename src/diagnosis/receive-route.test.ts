import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { address } from "../mail/address.fake.ts";
import { fakeDirectory } from "../org/directory.fake.ts";
import { organizationOf, sampleMailbox } from "../org/sample-objects.fake.ts";
import { ownRateCounts } from "../transport/receive/rate-counts.ts";
import { receiveSteps } from "./receive-route.ts";
import type { RouteInquiry } from "./route-inquiry.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
transportConfig: { maxSendSize: 10MB, maxReceiveSize: 20MB, maxRecipientEnvelopeLimit: 3 }
acceptedDomains:
  - { name: contoso.test, domainType: Authoritative, default: true }
receiveConnectors:
  - { name: Internet, bindings: ["0.0.0.0:25"], permissionGroups: [AnonymousUsers] }
  - name: Applications
    bindings: ["0.0.0.0:25"]
    remoteIPRanges: ["10.0.0.0/8"]
    permissionGroups: [AnonymousUsers]
    extendedRights: { AnonymousUsers: [ms-Exch-SMTP-Accept-Any-Recipient] }
  - name: Clients
    bindings: ["0.0.0.0:587"]
    requireTLS: true
    authMechanism: [Tls, BasicAuth, BasicAuthRequireTLS]
    permissionGroups: [ExchangeUsers]
`);

async function ask(changes: Partial<RouteInquiry>) {
  const inquiry: RouteInquiry = {
    sender: address("app@fabrikam.test"),
    recipients: [address("bob@contoso.test")],
    messageBytes: 1000,
    clientAddress: "203.0.113.1",
    local: undefined,
    authenticatedAs: undefined,
    tls: false,
    resolveDns: false,
    ...changes,
  };
  const alice = sampleMailbox("alice@contoso.test", { maxSendSize: 30 * 1024 ** 2 });
  const tools = {
    organization: ORGANIZATION,
    directory: fakeDirectory([alice, sampleMailbox("bob@contoso.test")]),
    rates: ownRateCounts(),
    clock: fakeClock(),
  };
  const failed: string[] = [];
  const steps = receiveSteps(inquiry, tools);
  for (;;) {
    const { done, value } = await steps.next();
    if (done === true) return { failed, letIn: value };
    if (value.verdict === "Fail") failed.push(`${value.name}: ${value.decision}`);
  }
}

const OUTSIDE = [address("x@elsewhere.test")];
const SUBMISSION = { local: { address: "192.0.2.1", port: 587 } };
const ALICE = { authenticatedAs: address("alice@contoso.test"), ...SUBMISSION };
const SENDER = { sender: address("alice@contoso.test") };

for (const [why, inquiry, want] of [
  ["a stranger for one of ours", {}, undefined],
  ["a stranger for a stranger", { recipients: OUTSIDE }, /^Recipient <x@elsewhere.*550 5\.7\.54/],
  ["an application", { recipients: OUTSIDE, clientAddress: "10.1.2.3" }, undefined],
  ["nobody there", { recipients: [address("eve@contoso.test")] }, /550 5\.1\.10/],
  ["no connector", { local: { address: "192.0.2.1", port: 26 } }, /^Receive connector: none/],
  ["too large", { messageBytes: 11 * 1024 ** 2 }, /^Limits: a limit is passed/],
  [
    "too many",
    { recipients: ["a", "b", "c", "d"].map((name) => address(`${name}@contoso.test`)) },
    /^Limits/,
  ],
  ["no TLS", { ...ALICE, ...SENDER }, /^TLS: 530 5\.7\.0/],
  ["no logon", { ...SUBMISSION, tls: true }, /^Client: AnonymousUsers/],
  ["a user", { ...ALICE, ...SENDER, tls: true, recipients: OUTSIDE }, undefined],
  ["a user as somebody else", { ...ALICE, tls: true }, /^Sender <app@fabrikam.*550 5\.7\.60/],
  [
    "a user with his own limit",
    { ...ALICE, ...SENDER, tls: true, messageBytes: 19 * 1024 ** 2 },
    undefined,
  ],
  [
    "nobody's mailbox",
    { ...SUBMISSION, tls: true, authenticatedAs: address("eve@contoso.test") },
    /^Logon: 535 5\.7\.3/,
  ],
  [
    "a logon where there is none",
    { authenticatedAs: address("alice@contoso.test") },
    /^Logon: AUTH is not offered/,
  ],
] as const) {
  test(`what a session would say: ${why}`, async () => {
    const { failed, letIn } = await ask(inquiry);
    if (want === undefined) {
      assert.deepEqual(failed, []);
      assert.equal(letIn?.recipients.length, 1);
    } else {
      assert.match(failed[0] ?? "nothing failed", want);
      assert.equal(letIn, undefined);
    }
  });
}

test("some recipients refused: the others go on", async () => {
  const recipients = [address("bob@contoso.test"), ...OUTSIDE];
  const { failed, letIn } = await ask({ recipients });
  assert.equal(failed.length, 1);
  assert.deepEqual(letIn?.recipients, ["bob@contoso.test"]);
  assert.equal(letIn.origin.authAs, "Anonymous");
});
