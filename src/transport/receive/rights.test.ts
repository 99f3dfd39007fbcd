import assert from "node:assert/strict";
import { test } from "node:test";
import { firewallEdits } from "./header-firewall.ts";
import { decideRecipient, maySendAs, withoutTag } from "./recipient-policy.ts";
import { principalOf, rightsOf } from "./rights.ts";
import { address, sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";

const ANONYMOUS = [
  "ms-Exch-SMTP-Submit",
  "ms-Exch-SMTP-Accept-Any-Sender",
  "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
  "ms-Exch-Accept-Headers-Routing",
] as const;
const SECURED = [
  "ms-Exch-SMTP-Submit",
  "ms-Exch-SMTP-Accept-Any-Recipient",
  "ms-Exch-SMTP-Accept-Any-Sender",
  "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender",
  "ms-Exch-Bypass-Message-Size-Limit",
  "ms-Exch-Accept-Headers-Routing",
] as const;
const ANY_RECIPIENT = "ms-Exch-SMTP-Accept-Any-Recipient";

for (const [why, changes, want] of [
  ["anonymous users", {}, ANONYMOUS],
  ["no group", { permissionGroups: ["None"] }, []],
  ["authenticated users only", { permissionGroups: ["ExchangeUsers"] }, []],
  ["servers only", { permissionGroups: ["ExchangeServers"] }, []],
  [
    "anonymous relay",
    { extendedRights: { AnonymousUsers: [ANY_RECIPIENT] } },
    [...ANONYMOUS, ANY_RECIPIENT],
  ],
  ["a right of somebody else", { extendedRights: { ExchangeUsers: [ANY_RECIPIENT] } }, ANONYMOUS],
  [
    "custom rights without a group",
    { permissionGroups: ["Custom"], extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit"] } },
    ["ms-Exch-SMTP-Submit"],
  ],
  [
    "externally secured",
    { authMechanism: ["Tls", "ExternalAuthoritative"], permissionGroups: ["ExchangeServers"] },
    SECURED,
  ],
  [
    "externally secured without the servers' group",
    { authMechanism: ["ExternalAuthoritative"], permissionGroups: ["AnonymousUsers"] },
    [],
  ],
] as const) {
  test(`rightsOf: ${why}`, () => {
    const connector = sampleConnector(changes);
    assert.deepEqual([...rightsOf(connector, principalOf(connector))].sort(), [...want].sort());
  });
}

const ORGANIZATION = sampleOrganization();
const NO_RIGHTS = new Set<never>();
const RELAY = new Set([ANY_RECIPIENT] as const);

for (const [recipient, rights, want] of [
  ["alice@contoso.test", NO_RIGHTS, "look-up"],
  ["ALICE@CONTOSO.TEST", NO_RIGHTS, "look-up"],
  ["Postmaster@Contoso.test", NO_RIGHTS, "accept"],
  ["postmaster@relay.test", NO_RIGHTS, "accept"],
  ["anybody@relay.test", NO_RIGHTS, "accept"],
  ["postmaster@fabrikam.test", NO_RIGHTS, "relay-denied"],
  ["bob@fabrikam.test", NO_RIGHTS, "relay-denied"],
  ["bob@sub.contoso.test", NO_RIGHTS, "relay-denied"],
  ["bob@contoso.test.fabrikam.test", NO_RIGHTS, "relay-denied"],
  ["bob@[192.0.2.1]", NO_RIGHTS, "relay-denied"],
  ["bob@[IPv6:::1]", NO_RIGHTS, "relay-denied"],
  ["bob%fabrikam.test@contoso.test", NO_RIGHTS, "look-up"],
  ['"bob@fabrikam.test"@contoso.test', NO_RIGHTS, "look-up"],
  ["fabrikam.test!bob@contoso.test", NO_RIGHTS, "look-up"],
  ['"bob@contoso.test"@fabrikam.test', NO_RIGHTS, "relay-denied"],
  ["bob%contoso.test@fabrikam.test", NO_RIGHTS, "relay-denied"],
  ["bob@fabrikam.test", RELAY, "accept"],
  ["bob@[192.0.2.1]", RELAY, "accept"],
  ["alice@contoso.test", RELAY, "look-up"],
] as const) {
  test(`decideRecipient: ${recipient} ${rights.size > 0 ? "with" : "without"} relay right`, () => {
    assert.equal(decideRecipient(ORGANIZATION, rights, address(recipient)).kind, want);
  });
}

for (const [text, want] of [
  ["alice+news@contoso.test", "alice@contoso.test"],
  ["alice+a+b@contoso.test", "alice@contoso.test"],
  ["alice+@contoso.test", "alice@contoso.test"],
  ["+news@contoso.test", undefined],
  ["alice@contoso.test", undefined],
  ["alice.+news@contoso.test", undefined],
  ['"alice +news"@contoso.test', undefined],
] as const) {
  test(`withoutTag: ${text}`, () => assert.equal(withoutTag(address(text)), want));
}

const ANY_SENDER = "ms-Exch-SMTP-Accept-Any-Sender";
const OWN_SENDER = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender";

for (const [sender, rights, want] of [
  ["", [], true],
  ["bob@fabrikam.test", [], false],
  ["bob@fabrikam.test", [ANY_SENDER], true],
  ["bob@fabrikam.test", [OWN_SENDER], false],
  ["bob@relay.test", [], true],
  ["alice@contoso.test", [], false],
  ["alice@contoso.test", [ANY_SENDER], false],
  ["alice@contoso.test", [OWN_SENDER], true],
  ["alice@contoso.test", [ANY_SENDER, OWN_SENDER], true],
] as const) {
  const held = rights.length === 0 ? "no right" : rights.join(", ");
  test(`maySendAs: <${sender}> with ${held}`, () => {
    const from = sender === "" ? "" : address(sender);
    assert.equal(maySendAs(ORGANIZATION, new Set(rights), from), want);
  });
}

test("the header firewall takes what the principal has no right to say", () => {
  const names = ["x-ms-exchange-organization-scl", "x-ms-exchange-forest-a"];
  const removed = (
    ...rights: Parameters<typeof firewallEdits>[0] extends ReadonlySet<infer R> ? R[] : never
  ) =>
    firewallEdits(new Set(rights), names).map((edit) => (edit.kind === "remove" ? edit.name : ""));
  assert.deepEqual(removed("ms-Exch-Accept-Headers-Routing"), names);
  assert.deepEqual(
    removed("ms-Exch-Accept-Headers-Routing", "ms-Exch-Accept-Headers-Organization"),
    ["x-ms-exchange-forest-a"],
  );
  assert.deepEqual(removed("ms-Exch-Accept-Headers-Routing", "ms-Exch-Accept-Headers-Forest"), [
    "x-ms-exchange-organization-scl",
  ]);
  assert.ok(removed().includes("Received"));
  assert.ok(removed().includes("Resent-Message-ID"));
});
