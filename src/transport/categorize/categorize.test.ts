import assert from "node:assert/strict";
import { test } from "node:test";
import { address as at } from "../../mail/address.fake.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import { sampleAcceptedDomain } from "../../org/sample-objects.fake.ts";
import { StoreFailure } from "../../store/queue-store.ts";
import { createCategorize } from "./categorize.ts";
import { describe, MEMBERS, RECIPIENTS, run } from "./categorize-sample.fake.ts";
import {
  mailbox,
  recipient,
  sampleOrganization,
  sendConnector,
  uncategorized,
} from "./organization.fake.ts";

const UNREACHABLE = "A matching connector cannot be found to route the external recipient";

test("categorize: the connectors are all too small, or there is none", async () => {
  const small = [sendConnector("Internet", ["*"], { maxMessageSize: 10 })];
  const tooSmall = { organization: sampleOrganization({ sendConnectors: small }) };
  assert.deepEqual(describe(await run([recipient(0, "x@far.test")], tooSmall)), [
    "0 x@far.test failed 5.3.4",
  ]);
  const none = { organization: sampleOrganization({ sendConnectors: [] }) };
  assert.deepEqual(describe(await run([recipient(0, "x@far.test")], none)), [
    `0 x@far.test > unreachable: ${UNREACHABLE}`,
  ]);
});

test("categorize: an accepted domain's LMTP server takes its mailboxes", async () => {
  const acceptedDomains = [
    sampleAcceptedDomain("contoso.test", { lmtpHost: "/run/lmtp", default: true }),
  ];
  const organization = sampleOrganization({ acceptedDomains });
  const recipients = ["alice@contoso.test", "lmtp@contoso.test", "postmaster@contoso.test"];
  const result = await run(
    recipients.map((address, index) => recipient(index, address)),
    { organization },
  );
  assert.deepEqual(describe(result), [
    "0 alice@contoso.test > /run/lmtp",
    "1 lmtp@contoso.test > 127.0.0.1:24",
    "2 postmaster@contoso.test > /run/lmtp",
    "unchanged",
  ]);
});

test("categorize: the postmaster's mailbox, then the external one, never a failure", async () => {
  const sample = sampleOrganization();
  const withExternal = (address: string) =>
    sampleOrganization({
      transportConfig: { ...sample.transportConfig, externalPostmasterAddress: at(address) },
    });
  const ask = async (organization: Organization, extra: readonly OrganizationRecipient[]) => {
    const directory = fakeDirectory([...RECIPIENTS, ...extra], MEMBERS);
    const result = await run([recipient(0, "postmaster@fabrikam.test")], {
      organization,
      directory,
    });
    return describe(result)[0]?.replace("orcpt=postmaster@fabrikam.test ", "");
  };
  const own = mailbox("chief@contoso.test", ["postmaster@contoso.test"]);
  assert.equal(await ask(withExternal("x@far.test"), [own]), "0 chief@contoso.test > mailbox");
  assert.equal(await ask(withExternal("x@far.test"), []), "0 x@far.test > Internet far.test");
  assert.equal(await ask(withExternal("bob@contoso.test"), []), "0 bob@contoso.test > mailbox");
  for (const useless of [
    "gone@contoso.test",
    "loop1@contoso.test",
    "postmaster@contoso.test",
    "postmaster@fabrikam.test",
  ]) {
    assert.equal(
      await ask(withExternal(useless), []),
      "0 postmaster@contoso.test > mailbox",
      useless,
    );
  }
});

test("categorize: subdomains of an accepted domain belong to it", async () => {
  const acceptedDomains = [sampleAcceptedDomain("contoso.test", { matchSubDomains: true })];
  const organization = sampleOrganization({ acceptedDomains });
  const result = await run([recipient(0, "x@sub.contoso.test")], { organization });
  assert.deepEqual(describe(result), ["0 x@sub.contoso.test failed 5.1.10"]);
});

test("categorize: a directory that cannot answer defers its recipients only", async () => {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  directory.fail(new StoreFailure("no disk", { full: false }));
  const recipients = [
    recipient(0, "team@contoso.test"),
    recipient(1, "x@far.test"),
    recipient(2, "a@b.test"),
  ];
  assert.deepEqual(describe(await run(recipients, { directory })), [
    "1 x@far.test > Internet far.test",
    "2 a@b.test > Internet b.test",
    "0 team@contoso.test deferred 4.3.0",
  ]);
});

test("categorize: mail that only passes through is answered at once, without the directory", () => {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  const categorize = createCategorize({
    organization: () => sampleOrganization(),
    directory,
    nextMessageId: () => 100,
  });
  const input = uncategorized([recipient(0, "x@far.test"), recipient(1, "y@out.test")]);
  const result = categorize(input);
  assert.ok(!(result instanceof Promise));
  assert.equal(result.changed, false);
  assert.equal(result.routed[0]?.recipient, input.recipients[0]);
  assert.equal(directory.questionCount, 0);
});

test("categorize: a plain mailbox that the directory remembers is answered at once", () => {
  const alice = mailbox("alice@contoso.test", ["a.smith@contoso.test"]);
  const forwarding = mailbox("away@contoso.test", [], {
    forwardingAddress: at("bob@contoso.test"),
  });
  const known = new Map(
    [...alice.emailAddresses, at("ALICE@contoso.test")].map((address) => [address, alice]),
  );
  known.set(forwarding.primarySmtpAddress, forwarding);
  const organization = sampleOrganization();
  const categorize = createCategorize({
    organization: () => organization,
    directory: { ...fakeDirectory([alice]), peekRecipient: (address) => known.get(address) },
    nextMessageId: () => 100,
  });
  const isAtOnce = (address: string) =>
    !(categorize(uncategorized([recipient(0, address)])) instanceof Promise);
  assert.equal(isAtOnce("alice@contoso.test"), true);
  assert.equal(isAtOnce("ALICE@contoso.test"), true);
  assert.equal(isAtOnce("a.smith@contoso.test"), false, "it is renamed");
  assert.equal(isAtOnce("away@contoso.test"), false, "it forwards");
  assert.equal(isAtOnce("bob@contoso.test"), false, "it is not in memory");
});

test("categorize: a new snapshot is in force for the next message", async () => {
  let organization = sampleOrganization();
  const categorize = createCategorize({
    organization: () => organization,
    directory: fakeDirectory([]),
    nextMessageId: () => 100,
  });
  const input = uncategorized([recipient(0, "x@far.test")]);
  assert.deepEqual(describe(await categorize(input)), [
    "0 x@far.test > Internet far.test",
    "unchanged",
  ]);
  organization = sampleOrganization({ sendConnectors: [sendConnector("Other", ["*"])] });
  assert.deepEqual(describe(await categorize(input)), [
    "0 x@far.test > Other far.test",
    "unchanged",
  ]);
});
