import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import type { Origin } from "../../store/queue-store.ts";
import { createOutgoingRewriting } from "./outgoing-rewriting.ts";

const BASE = `
server: { fqdn: mail.contoso.test }
acceptedDomains:
  - { name: contoso.test }
  - { name: relay.test, domainType: InternalRelay }
  - { name: partner.test, domainType: ExternalRelay }
`;
const ENTRY =
  "addressRewriteEntries: [{ name: a, internalAddress: contoso.test, externalAddress: x.test }]";
const ORIGIN: Origin = {
  source: "SMTP",
  connector: "",
  clientAddress: "",
  clientName: "",
  serverAddress: "",
  directionality: "Originating",
};

function sender(yaml: string, origin: Partial<Origin>, recipients: readonly string[]) {
  const organization = organizationOf(BASE + yaml);
  const rewriting = createOutgoingRewriting(() => organization)({
    message: { origin: { ...ORIGIN, ...origin } },
    recipients: recipients.map((one) => ({ address: address(one) })),
  });
  return rewriting?.rewrite(address("alice@contoso.test"));
}

const OFF = `${ENTRY}
transportAgents: [{ name: Address Rewriting Outbound Agent, enabled: false }]`;

for (const [why, yaml, origin, recipients, want] of [
  ["ours, to somebody outside", ENTRY, {}, ["b@example.test"], "alice@x.test"],
  [
    "of a device of ours",
    ENTRY,
    { directionality: "Incoming", mayRelay: true },
    ["b@example.test"],
    "alice@x.test",
  ],
  [
    "a stranger's that passes",
    ENTRY,
    { directionality: "Incoming" },
    ["b@example.test"],
    undefined,
  ],
  ["to a server of ours", ENTRY, {}, ["b@contoso.test", "b@relay.test"], undefined],
  ["to a partner whose mail we take", ENTRY, {}, ["b@partner.test"], "alice@x.test"],
  ["to both", ENTRY, {}, ["b@contoso.test", "b@example.test"], "alice@x.test"],
  ["without entries", "", {}, ["b@example.test"], undefined],
  ["with the agent switched off", OFF, {}, ["b@example.test"], undefined],
] as const) {
  test(`outgoing rewriting: ${why}`, () => assert.equal(sender(yaml, origin, recipients), want));
}

test("outgoing rewriting: the way back of somebody else's mail stays", () => {
  const organization = organizationOf(BASE + ENTRY);
  const rewriting = createOutgoingRewriting(() => organization)({
    message: { origin: { ...ORIGIN, mayRelay: true } },
    recipients: [{ address: address("b@example.test") }],
  });
  assert.equal(rewriting?.rewrite(address("SRS0=aa=bb=x.test=c@contoso.test")), undefined);
});
