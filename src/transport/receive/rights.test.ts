import assert from "node:assert/strict";
import { test } from "node:test";
import { address, domain } from "../../mail/address.fake.ts";
import type { PeerCertificateFacts } from "../../smtp/session-handler.ts";
import { firewallEdits } from "./header-firewall.ts";
import { decideRecipient, withoutTag } from "./recipient-policy.ts";
import { admitsUsers, bearsDomain, principalOf, requestsCertificate, rightsOf } from "./rights.ts";
import { sampleConnector, sampleMailbox, sampleOrganization } from "./sample-organization.fake.ts";

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
  "ms-Exch-SMTP-Accept-Authentication-Flag",
  "ms-Exch-Bypass-Anti-Spam",
  "ms-Exch-Bypass-Message-Size-Limit",
  "ms-Exch-Accept-Headers-Routing",
] as const;
const SERVERS = [
  ...SECURED,
  "ms-Exch-Accept-Headers-Organization",
  "ms-Exch-Accept-Headers-Forest",
] as const;
const USERS = [
  "ms-Exch-SMTP-Submit",
  "ms-Exch-SMTP-Accept-Any-Recipient",
  "ms-Exch-Bypass-Anti-Spam",
  "ms-Exch-Accept-Headers-Routing",
] as const;
const PARTNERS = ["ms-Exch-SMTP-Submit", "ms-Exch-Accept-Headers-Routing"] as const;
const NOBODY = { mailbox: undefined, certificate: undefined };
const NO_RULES = { exchangeServerCertificateNames: [], tlsReceiveDomainSecureList: [] };
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
    const principal = principalOf(connector, NOBODY, NO_RULES);
    assert.deepEqual([...rightsOf(connector, principal, undefined)].sort(), [...want].sort());
  });
}

const CERTIFICATE: PeerCertificateFacts = {
  subject: "CN=mail.fabrikam.test, O=Fabrikam",
  issuer: "CN=Test CA",
  dnsNames: ["mail.fabrikam.test", "fabrikam.test", "*.tree.test"],
  emailAddresses: [],
  fingerprint: "00",
  verified: true,
  fault: undefined,
};
const UNVERIFIED = { ...CERTIFICATE, verified: false, fault: "self-signed" };
const BY_SUBJECT = [{ issuer: undefined, subject: "O=Fabrikam,CN=mail.fabrikam.test" }];
const BY_ISSUER = [{ issuer: "CN=Test CA", subject: undefined }];
const OTHER = [{ issuer: undefined, subject: "CN=mail.contoso.test" }];
const RULES = {
  exchangeServerCertificateNames: BY_SUBJECT,
  tlsReceiveDomainSecureList: [domain("fabrikam.test")],
};
const ALICE = sampleMailbox("Alice@contoso.test", "a.smith@contoso.test");
const SERVER_DOOR = {
  authMechanism: ["Tls", "ExchangeServer"],
  permissionGroups: ["AnonymousUsers", "ExchangeServers"],
} as const;
const PARTNER_DOOR = { permissionGroups: ["AnonymousUsers", "Partners"] } as const;

for (const [why, changes, client, principal, rights] of [
  [
    "one who has logged on",
    { permissionGroups: ["ExchangeUsers"] },
    { mailbox: ALICE },
    "ExchangeUsers",
    USERS,
  ],
  ["a user where there are only strangers", {}, { mailbox: ALICE }, "ExchangeUsers", []],
  [
    "a user by any address of his",
    {
      permissionGroups: ["ExchangeUsers"],
      extendedRights: { "a.smith@contoso.test": ["ms-Exch-SMTP-Accept-Any-Sender"] },
    },
    { mailbox: ALICE },
    "ExchangeUsers",
    [...USERS, "ms-Exch-SMTP-Accept-Any-Sender"],
  ],
  [
    "a right of another user",
    {
      permissionGroups: ["ExchangeUsers"],
      extendedRights: { "bob@contoso.test": ["ms-Exch-SMTP-Accept-Any-Sender"] },
    },
    { mailbox: ALICE },
    "ExchangeUsers",
    USERS,
  ],
  ["one of our servers", SERVER_DOOR, { certificate: CERTIFICATE }, "ExchangeServers", SERVERS],
  [
    "a server that is not verified",
    SERVER_DOOR,
    { certificate: UNVERIFIED },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "a server where none is asked for its certificate",
    { ...SERVER_DOOR, suppressXAnonymousTls: true },
    { certificate: CERTIFICATE },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "a server where servers have no rights",
    { authMechanism: ["Tls", "ExchangeServer"] },
    { certificate: CERTIFICATE },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "a server of old",
    { ...SERVER_DOOR, permissionGroups: ["ExchangeLegacyServers"] },
    { certificate: CERTIFICATE },
    "ExchangeServers",
    SECURED,
  ],
  [
    "a user on a server's channel",
    { ...SERVER_DOOR, permissionGroups: ["ExchangeServers", "ExchangeUsers"] },
    { certificate: CERTIFICATE, mailbox: ALICE },
    "ExchangeUsers",
    USERS,
  ],
  [
    "a partner by subject",
    { ...PARTNER_DOOR, partnerCertificateNames: BY_SUBJECT },
    { certificate: CERTIFICATE },
    "Partners",
    PARTNERS,
  ],
  [
    "a partner by issuer",
    { ...PARTNER_DOOR, partnerCertificateNames: BY_ISSUER },
    { certificate: CERTIFICATE },
    "Partners",
    PARTNERS,
  ],
  [
    "a partner by domain",
    { ...PARTNER_DOOR, domainSecureEnabled: true },
    { certificate: CERTIFICATE },
    "Partners",
    PARTNERS,
  ],
  [
    "a domain without Domain Security",
    PARTNER_DOOR,
    { certificate: CERTIFICATE },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "another partner",
    { ...PARTNER_DOOR, partnerCertificateNames: OTHER },
    { certificate: CERTIFICATE },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "a partner that is not verified",
    { ...PARTNER_DOOR, partnerCertificateNames: BY_SUBJECT },
    { certificate: UNVERIFIED },
    "AnonymousUsers",
    ANONYMOUS,
  ],
  [
    "a partner where partners have no rights",
    { partnerCertificateNames: BY_SUBJECT },
    { certificate: CERTIFICATE },
    "AnonymousUsers",
    ANONYMOUS,
  ],
] as const) {
  test(`principalOf: ${why}`, () => {
    const connector = sampleConnector(changes);
    const identity = { ...NOBODY, ...client };
    const found = principalOf(connector, identity, RULES);
    assert.equal(found, principal);
    const held = rightsOf(connector, found, identity.mailbox);
    assert.deepEqual([...held].sort(), [...rights].sort());
  });
}

for (const [name, certificate, want] of [
  ["fabrikam.test", CERTIFICATE, true],
  ["mail.fabrikam.test", CERTIFICATE, true],
  ["sub.fabrikam.test", CERTIFICATE, false],
  ["test", CERTIFICATE, false],
  ["a.tree.test", CERTIFICATE, true],
  ["a.b.tree.test", CERTIFICATE, false],
  ["tree.test", CERTIFICATE, false],
  ["fabrikam.test", UNVERIFIED, false],
  ["fabrikam.test", undefined, false],
] as const) {
  test(`bearsDomain: ${name}, ${certificate?.verified}`, () => {
    assert.equal(bearsDomain(certificate, domain(name)), want);
  });
}

for (const [why, changes, rules, want] of [
  ["strangers", {}, RULES, false],
  ["logon by certificate", { authMechanism: ["Tls", "Certificate"] }, NO_RULES, true],
  ["partners", { partnerCertificateNames: BY_ISSUER }, NO_RULES, true],
  ["Domain Security", { domainSecureEnabled: true }, RULES, true],
  ["Domain Security, but no domain has it", { domainSecureEnabled: true }, NO_RULES, false],
  ["servers", SERVER_DOOR, RULES, true],
  ["servers, but we know none", SERVER_DOOR, NO_RULES, false],
  ["servers, but suppressed", { ...SERVER_DOOR, suppressXAnonymousTls: true }, RULES, false],
] as const) {
  test(`requestsCertificate: ${why}`, () => {
    assert.equal(requestsCertificate(sampleConnector(changes), rules), want);
  });
}

for (const [why, changes, want] of [
  ["strangers only", {}, false],
  ["users", { permissionGroups: ["ExchangeUsers"] }, true],
  ["one user", { extendedRights: { "bob@contoso.test": ["ms-Exch-SMTP-Submit"] } }, true],
  ["a right that is no use", { extendedRights: { "bob@contoso.test": [ANY_RECIPIENT] } }, false],
  ["a stranger's right", { extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit"] } }, false],
] as const) {
  test(`admitsUsers: ${why}`, () => {
    assert.equal(admitsUsers(sampleConnector(changes)), want);
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
  ["anybody@relay.test", NO_RIGHTS, "look-up"],
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
    const rules = { rights, isAuthenticated: false, connector: sampleConnector() };
    const decision = decideRecipient(ORGANIZATION, rules, address(recipient));
    const { kind } = decision;
    assert.equal(kind === "refuse" ? decision.reason : kind, want);
    if (kind === "look-up") {
      assert.equal(decision.ifUnknown, recipient.endsWith("relay.test") ? "accept" : "refuse");
    }
  });
}

const TOP = { rejectReservedTopLevelRecipientDomains: true };
const SECOND = { rejectReservedSecondLevelRecipientDomains: true };
const SINGLE = { rejectSingleLabelRecipientDomains: true };

for (const [recipient, changes, want] of [
  ["bob@contoso.test", TOP, "reserved-top-level"],
  ["bob@a.example", TOP, "reserved-top-level"],
  ["bob@localhost", TOP, "reserved-top-level"],
  ["bob@x.INVALID", TOP, "reserved-top-level"],
  ["bob@test.fabrikam.net", TOP, "accept"],
  ["bob@mytest", TOP, "accept"],
  ["bob@example.com", TOP, "accept"],
  ["bob@example.com", SECOND, "reserved-second-level"],
  ["bob@example.net", SECOND, "reserved-second-level"],
  ["bob@sub.example.org", SECOND, "reserved-second-level"],
  ["bob@myexample.com", SECOND, "accept"],
  ["bob@example.de", SECOND, "accept"],
  ["bob@host", SINGLE, "single-label"],
  ["bob@host.fabrikam.net", SINGLE, "accept"],
  ["bob@[192.0.2.1]", SINGLE, "accept"],
  ["bob@[IPv6:::1]", SINGLE, "accept"],
  ["bob@host", {}, "accept"],
] as const) {
  test(`decideRecipient: ${recipient} with ${Object.keys(changes).join() || "no rule"}`, () => {
    const rules = { rights: RELAY, isAuthenticated: false, connector: sampleConnector(changes) };
    const decision = decideRecipient(ORGANIZATION, rules, address(recipient));
    assert.equal(decision.kind === "refuse" ? decision.reason : decision.kind, want);
  });
}

test("decideRecipient: senders who count as ours need no look-up in relay domains", () => {
  const rules = { rights: NO_RIGHTS, isAuthenticated: true, connector: sampleConnector() };
  const decision = decideRecipient(ORGANIZATION, rules, address("anybody@relay.test"));
  assert.equal(decision.kind, "accept");
});

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
