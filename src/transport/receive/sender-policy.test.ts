import assert from "node:assert/strict";
import { test } from "node:test";
import type { Logon } from "../../authentication/authenticator.ts";
import { address } from "../../mail/address.fake.ts";
import { HeaderScanner } from "../../mail/header.ts";
import type { Right } from "../../org/organization.ts";
import type { Principal } from "./rights.ts";
import { sampleMailbox, sampleOrganization } from "./sample-organization.fake.ts";
import { decideAuthors, decideSender, hasSendAs, type Speaker } from "./sender-policy.ts";

const ORGANIZATION = sampleOrganization();
const ANY = "ms-Exch-SMTP-Accept-Any-Sender";
const OWN = "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender";

function speaker(principal: Principal, rights: readonly Right[], senders?: readonly string[]) {
  const logon: Logon = {
    account: "alice@contoso.test",
    mailbox: sampleMailbox("Alice@contoso.test", "a.smith@contoso.test"),
    mechanism: "PLAIN",
    appPassword: senders && { name: "Scanner", senders, messagesPerHour: Infinity },
  };
  return {
    principal,
    rights: new Set(rights),
    logon: principal === "ExchangeUsers" ? logon : undefined,
  } satisfies Speaker;
}

const STRANGER = "AnonymousUsers";
const USER = "ExchangeUsers";

for (const [sender, principal, rights, want] of [
  ["", STRANGER, [], "allowed"],
  ["bob@fabrikam.test", STRANGER, [], "denied"],
  ["bob@fabrikam.test", STRANGER, [ANY], "allowed"],
  ["bob@fabrikam.test", STRANGER, [OWN], "denied"],
  ["bob@relay.test", STRANGER, [], "allowed"],
  ["alice@contoso.test", STRANGER, [], "denied"],
  ["alice@contoso.test", STRANGER, [ANY], "denied"],
  ["ALICE@CONTOSO.TEST", STRANGER, [ANY], "denied"],
  ["alice@contoso.test", STRANGER, [OWN], "allowed"],
  ["alice@contoso.test", STRANGER, [ANY, OWN], "allowed"],
  ["alice@contoso.test", "Partners", [], "denied"],
  ["alice@contoso.test", "Partners", [OWN], "allowed"],
  ["bob@fabrikam.test", "Partners", [], "allowed"],
  ["", "Partners", [], "allowed"],
  ["", USER, [], "allowed"],
  ["alice@contoso.test", USER, [], "allowed"],
  ["ALICE@Contoso.Test", USER, [], "allowed"],
  ["alice+news@contoso.test", USER, [], "look-up"],
  ["a.smith@contoso.test", USER, [], "allowed"],
  ["bob@contoso.test", USER, [], "look-up"],
  ["bob+alice@contoso.test", USER, [], "look-up"],
  ["alice@relay.test", USER, [], "look-up"],
  ["alice@fabrikam.test", USER, [], "look-up"],
  ["alice@fabrikam.test", USER, [ANY], "allowed"],
  ["alice@fabrikam.test", USER, [OWN], "look-up"],
  ["bob@contoso.test", USER, [ANY], "look-up"],
  ["bob@contoso.test", USER, [OWN], "allowed"],
] as const) {
  test(`decideSender: <${sender}> of ${principal} with ${rights.join(", ") || "no right"}`, () => {
    const from = sender === "" ? "" : address(sender);
    assert.equal(decideSender(ORGANIZATION, speaker(principal, rights), from), want);
  });
}

for (const [sender, senders, want] of [
  ["alice@contoso.test", [], "allowed"],
  ["alice@contoso.test", ["a.smith@contoso.test"], "denied"],
  ["A.Smith@contoso.test", ["a.smith@contoso.test"], "allowed"],
  ["bob@contoso.test", ["bob@contoso.test"], "look-up"],
  ["", ["a.smith@contoso.test"], "allowed"],
] as const) {
  test(`decideSender: <${sender}> by an app password for ${senders.join() || "all"}`, () => {
    const from = sender === "" ? "" : address(sender);
    assert.equal(decideSender(ORGANIZATION, speaker(USER, [], senders), from), want);
  });
}

test("Send As is for every address of the mailbox that it names", () => {
  const { logon } = speaker(USER, []);
  assert.ok(logon);
  const shared = (...sendAs: string[]) => ({
    ...sampleMailbox("sales@contoso.test"),
    sendAs: sendAs.map(address),
  });
  const sales = address("sales@contoso.test");
  assert.equal(hasSendAs(logon, sales, undefined), false);
  assert.equal(hasSendAs(logon, sales, shared()), false);
  assert.equal(hasSendAs(logon, sales, shared("bob@contoso.test")), false);
  assert.equal(hasSendAs(logon, sales, shared("bob@contoso.test", "ALICE@contoso.test")), true);
  assert.equal(hasSendAs(logon, sales, shared("a.smith@contoso.test")), true);
});

test("an address of one's own with a tag is one's own, unless somebody else has it", () => {
  const { logon } = speaker(USER, []);
  assert.ok(logon);
  const tagged = address("Alice+hr@contoso.test");
  assert.equal(hasSendAs(logon, tagged, undefined), true);
  assert.equal(hasSendAs(logon, tagged, sampleMailbox("alice+hr@contoso.test")), false);
  assert.equal(hasSendAs(logon, address("bob+hr@contoso.test"), undefined), false);
});

function authors(header: string) {
  const scanner = new HeaderScanner({ bytesMax: 100_000, fieldsMax: 100, localHosts: [] });
  scanner.write(Buffer.from(`${header}\r\n\r\n`));
  return scanner.authors();
}

const MANY = Array.from({ length: 51 }, (_, index) => `a${index}@x.test`).join(",");

for (const [header, principal, rights, want] of [
  ["From: bob@contoso.test", STRANGER, [ANY, OWN], "allowed"],
  ["From: bob@contoso.test", STRANGER, [ANY], "sender"],
  ["From: Bob <bob@fabrikam.test>", STRANGER, [ANY], "allowed"],
  ["From: x@fabrikam.test, bob@contoso.test", STRANGER, [ANY], "sender"],
  ["From: x@fabrikam.test\r\nSender: bob@CONTOSO.test", STRANGER, [ANY], "sender"],
  ["From: x@fabrikam.test, y@fabrikam.test", STRANGER, [ANY], "allowed"],
  ["Subject: no author", STRANGER, [ANY], "allowed"],
  ["From: x@fabrikam.test\r\nfrom : bob@contoso.test", STRANGER, [ANY], "malformed"],
  [`From: ${MANY}`, STRANGER, [ANY], "malformed"],
  [`From: "${"x".repeat(9000)}" <bob@contoso.test>`, STRANGER, [ANY], "malformed"],
  [`From: x@fabrikam.test\r\n (${"x".repeat(9000)})\r\n , a@b`, STRANGER, [ANY], "malformed"],
  ["From: <bob@contoso.test@>", STRANGER, [ANY], "sender"],
  ["From: alice@contoso.test", USER, [], "allowed"],
  ["From: Bob <alice+x@contoso.test>", USER, [], "look-up alice+x@contoso.test"],
  ["From: bob@contoso.test", USER, [], "look-up bob@contoso.test"],
  ["From: alice@contoso.test\r\nSender: bob@contoso.test", USER, [], "look-up bob@contoso.test"],
  [
    "From: x@fabrikam.test, alice@contoso.test\r\nSender: alice@contoso.test",
    USER,
    [],
    "look-up x@fabrikam.test",
  ],
  ["From: alice@contoso.test, a.smith@contoso.test", USER, [], "no-sender-field"],
  [
    "From: alice@contoso.test, a.smith@contoso.test\r\nSender: alice@contoso.test",
    USER,
    [],
    "allowed",
  ],
  ["From: undisclosed:;", USER, [], "allowed"],
  ["From: not an address", USER, [], "sender"],
  ["From: (bob@contoso.test)", USER, [], "malformed"],
  ["From: bob@contoso.test <alice@contoso.test>", USER, [], "malformed"],
  ["From: <alice@contoso.test> <bob@contoso.test>", USER, [], "malformed"],
  ["From: bob@contoso.test: alice@contoso.test;", USER, [], "malformed"],
  ["From: alice@contoso.test (<bob@contoso.test>", USER, [], "malformed"],
  ["From: alice@contoso.test <alice@contoso.test>", USER, [], "allowed"],
  ["Sender: <alice@contoso.test> bob@contoso.test", USER, [], "malformed"],
  ["From: alice@contoso.test\r\nFrom: alice@contoso.test", USER, [], "malformed"],
  ["From: bob@contoso.test", USER, [ANY, OWN], "allowed"],
  ["From: bob@contoso.test, alice@contoso.test", USER, [ANY, OWN], "no-sender-field"],
] as const) {
  const shown = header.length > 80 ? `${header.slice(0, 77)}...` : header;
  test(`decideAuthors: ${JSON.stringify(shown)} of ${principal}`, () => {
    const found = decideAuthors(ORGANIZATION, speaker(principal, rights), authors(header));
    const told =
      found.kind === "denied"
        ? found.reason
        : found.kind === "look-up"
          ? `look-up ${found.addresses.join()}`
          : found.kind;
    assert.equal(told, want);
  });
}
