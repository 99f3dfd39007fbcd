import assert from "node:assert/strict";
import { test } from "node:test";
import { address as at } from "../../mail/address.fake.ts";
import type { Address } from "../../mail/address.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { Mailbox, OrganizationRecipient, TransportConfig } from "../../org/organization.ts";
import { sampleTransportConfig } from "../../org/sample-objects.fake.ts";
import { type Origin, type QueuedMessage, StoreFailure } from "../../store/queue-store.ts";
import { createCategorize } from "./categorize.ts";
import { describe, run } from "./categorize-sample.fake.ts";
import {
  contact,
  group,
  mailbox,
  recipient,
  sampleOrganization,
  uncategorized,
} from "./organization.fake.ts";

const MB = 1024 * 1024;
const ORGANIZATION = sampleOrganization();
const list = (...addresses: readonly string[]) => addresses.map(at);
const only = (...addresses: readonly string[]) => ({
  acceptMessagesOnlyFromSendersOrMembers: list(...addresses),
});
const not = (...addresses: readonly string[]) => ({
  rejectMessagesFromSendersOrMembers: list(...addresses),
});
const INTERNAL = { requireSenderAuthenticationEnabled: true };

const RECIPIENTS: readonly OrganizationRecipient[] = [
  mailbox("alice@contoso.test", ["a.smith@contoso.test"]),
  mailbox("bob@contoso.test"),
  mailbox("carol@contoso.test", [], { maxSendSize: 50 * MB, recipientLimits: 3 }),
  mailbox("large@contoso.test", [], { maxReceiveSize: 40 * MB }),
  mailbox("small@contoso.test", [], { maxReceiveSize: MB }),
  mailbox("inside@contoso.test", [], INTERNAL),
  contact("partner@contoso.test", "someone@partner.test"),
  { ...contact("user@contoso.test", "user@partner.test"), kind: "user", ...INTERNAL },
  mailbox("for-alice@contoso.test", [], only("alice@contoso.test")),
  mailbox("for-asmith@contoso.test", [], only("a.smith@contoso.test")),
  mailbox("for-team@contoso.test", [], only("outer@contoso.test")),
  mailbox("for-partner@contoso.test", [], only("partner@contoso.test")),
  mailbox("for-stranger@contoso.test", [], only("sender@elsewhere.test")),
  mailbox("not-alice@contoso.test", [], not("alice@contoso.test")),
  mailbox("not-team@contoso.test", [], not("outer@contoso.test")),
  mailbox("not-partner@contoso.test", [], not("partner@contoso.test")),
  mailbox("both@contoso.test", [], { ...only("alice@contoso.test"), ...not("team@contoso.test") }),
  mailbox("forwards@contoso.test", [], { forwardingAddress: at("inside@contoso.test") }),
  group("team@contoso.test"),
  group("outer@contoso.test"),
  group("loop@contoso.test"),
  group("closed@contoso.test", INTERNAL),
  group("open@contoso.test"),
  group("bosses@contoso.test", only("loop@contoso.test")),
];
const MEMBERS: ReadonlyMap<Address, readonly Address[]> = new Map([
  [at("team@contoso.test"), list("bob@contoso.test", "a.smith@contoso.test")],
  [at("outer@contoso.test"), list("loop@contoso.test", "team@contoso.test")],
  [at("loop@contoso.test"), list("outer@contoso.test", "loop@contoso.test")],
  [at("closed@contoso.test"), list("bob@contoso.test", "inside@contoso.test")],
  [at("open@contoso.test"), list("bob@contoso.test", "not-alice@contoso.test")],
  [at("bosses@contoso.test"), list("bob@contoso.test")],
]);

interface Case {
  readonly from: string;
  readonly to: readonly string[];
  /** Logged on, or on a network that vouches for it. */
  readonly as?: Partial<Origin>;
  readonly bytes?: number;
  readonly config?: Partial<TransportConfig>;
}

const STRANGER: Partial<Origin> = {};
const LOGGED_ON: Partial<Origin> = { authAs: "Internal" };

async function categorize(one: Case, directory = fakeDirectory(RECIPIENTS, MEMBERS)) {
  const transportConfig = sampleTransportConfig(one.config);
  const recipients = one.to.map((address, position) => recipient(position, address));
  const { message } = uncategorized(recipients);
  const changes: Partial<QueuedMessage> = {
    envelope: { ...message.envelope, sender: one.from === "" ? "" : at(one.from) },
    origin: { ...message.origin, ...one.as },
    contentBytes: one.bytes ?? 1000,
  };
  const organization = sampleOrganization({ transportConfig });
  return await run(recipients, { organization, directory, message: changes });
}

/** "ok", or the diagnostics of those that the message does not reach. */
async function refusals(one: Case): Promise<readonly string[]> {
  const { ended } = await categorize(one);
  return ended.flatMap(({ outcome }) =>
    outcome.kind === "failed" ? [outcome.fault.diagnostic] : [],
  );
}

const AUTH_MAILBOX = /^550 5\.7\.134 RESOLVER\.RST\.SenderNotAuthenticatedForMailbox; auth/;
const AUTH_GROUP = /^550 5\.7\.133 RESOLVER\.RST\.SenderNotAuthenticatedForGroup; auth/;
const AUTH_USER = /^550 5\.7\.136 RESOLVER\.RST\.SenderNotAuthenticatedForMailUser; auth/;
const NOT_LISTED = /^550 5\.7\.124 RESOLVER\.RST\.NotAuthorized; not authorized/;
const LISTED = /^550 5\.7\.1 RESOLVER\.RST\.NotAuthorized; not authorized$/;

const ALICE = "alice@contoso.test";
const BOB = "bob@contoso.test";
const STRANGE = "sender@elsewhere.test";
const PARTNER = "someone@partner.test";

const AS_ALICE: Partial<Origin> = { ...LOGGED_ON, account: ALICE };

for (const [why, from, as, to, want] of [
  ["a null sender of alice's", "", AS_ALICE, "not-alice", LISTED],
  ["alice under a tag", "alice+x@contoso.test", AS_ALICE, "not-alice", LISTED],
  [
    "alice under a tag of another address",
    "a.smith+x@contoso.test",
    AS_ALICE,
    "for-alice",
    undefined,
  ],
  ["alice's tag in a group's place", "alice+x@contoso.test", AS_ALICE, "not-team", LISTED],
  ["who calls himself alice with a tag", "alice+x@contoso.test", STRANGER, "for-alice", NOT_LISTED],
  ["a stranger writes to a mailbox for insiders", STRANGE, STRANGER, "inside", AUTH_MAILBOX],
  ["who calls himself alice, too", ALICE, STRANGER, "inside", AUTH_MAILBOX],
  ["a partner is no insider", PARTNER, { authAs: "Partner" }, "inside", AUTH_MAILBOX],
  ["alice is in", ALICE, LOGGED_ON, "inside", undefined],
  ["our own notice", "", { source: "DSN" }, "inside", undefined],
  ["somebody's notice", "", STRANGER, "inside", AUTH_MAILBOX],
  ["our postmaster", "postmaster@contoso.test", LOGGED_ON, "for-alice", undefined],
  ["who calls himself so", "postmaster@contoso.test", STRANGER, "for-alice", NOT_LISTED],
  ["a group for insiders", STRANGE, STRANGER, "closed", AUTH_GROUP],
  ["a mail user for insiders", STRANGE, STRANGER, "user", AUTH_USER],
  ["through a forwarding", STRANGE, STRANGER, "forwards", AUTH_MAILBOX],
  ["on the list", ALICE, LOGGED_ON, "for-alice", undefined],
  ["by another address of his", "a.smith@contoso.test", LOGGED_ON, "for-alice", undefined],
  ["listed by another address", ALICE, LOGGED_ON, "for-asmith", undefined],
  ["not on the list", BOB, LOGGED_ON, "for-alice", NOT_LISTED],
  ["a stranger who claims to be", ALICE, STRANGER, "for-alice", NOT_LISTED],
  ["a stranger on the list", STRANGE, STRANGER, "for-stranger", undefined],
  ["a contact on the list", PARTNER, STRANGER, "for-partner", undefined],
  ["nobody is on no list", "", STRANGER, "for-partner", NOT_LISTED],
  ["a member of a group in a group", BOB, LOGGED_ON, "for-team", undefined],
  ["by another address, too", ALICE, LOGGED_ON, "for-team", undefined],
  ["no member, in groups that go round", "carol@contoso.test", LOGGED_ON, "for-team", NOT_LISTED],
  ["a group for members", ALICE, LOGGED_ON, "bosses", undefined],
  ["a group not for others", "carol@contoso.test", LOGGED_ON, "bosses", NOT_LISTED],
  ["rejected", ALICE, LOGGED_ON, "not-alice", LISTED],
  ["rejected by another address", "a.smith@contoso.test", LOGGED_ON, "not-alice", LISTED],
  ["a stranger who claims to be one rejected", ALICE, STRANGER, "not-alice", LISTED],
  ["not rejected", BOB, LOGGED_ON, "not-alice", undefined],
  ["rejected as a member", BOB, LOGGED_ON, "not-team", LISTED],
  ["rejected as a contact", PARTNER, STRANGER, "not-partner", LISTED],
  ["nobody is rejected", "", STRANGER, "not-team", undefined],
  ["reject wins", ALICE, LOGGED_ON, "both", LISTED],
] satisfies [string, string, Partial<Origin>, string, RegExp | undefined][]) {
  test(`restrictions: ${why}`, async () => {
    const [fault = "ok", ...more] = await refusals({ from, as, to: [`${to}@contoso.test`] });
    assert.match(fault, want ?? /^ok$/);
    assert.deepEqual(more, []);
  });
}

test("a group that lets a sender in does not speak for its members", async () => {
  const lines = describe(
    await categorize({ from: ALICE, as: LOGGED_ON, to: ["open@contoso.test"] }),
  );
  assert.deepEqual(lines.slice(0, 2), [
    `${2 ** 20 + 1} bob@contoso.test orcpt=open@contoso.test > mailbox`,
    `${2 ** 20} not-alice@contoso.test orcpt=open@contoso.test failed 5.7.1`,
  ]);
});

test("a group that keeps a sender out is not opened", async () => {
  const lines = describe(await categorize({ from: STRANGE, to: ["closed@contoso.test"] }));
  assert.deepEqual(lines, ["0 closed@contoso.test failed 5.7.133"]);
});

const SENDER = /^550 5\.3\.4 RESOLVER\.RST\.SendSizeLimit\.Sender; /;
const TOO_LARGE = /^550 5\.3\.4 RESOLVER\.RST\.SendSizeLimit\.Org; /;
const RECIPIENT = /^550 5\.2\.3 RESOLVER\.RST\.RecipSizeLimit; message too large for this recip/;

const CAROL: Partial<Origin> = LOGGED_ON;
for (const [why, one, want] of [
  ["a stranger's, at the limit", { from: STRANGE, to: [BOB], bytes: 10 * MB }, undefined],
  ["a stranger's, past it", { from: STRANGE, to: [BOB], bytes: 10 * MB + 1 }, TOO_LARGE],
  [
    "past it, to one who could have it",
    { from: STRANGE, to: ["large@contoso.test"], bytes: 11 * MB },
    TOO_LARGE,
  ],
  [
    "between two who may",
    { from: "carol@contoso.test", as: CAROL, to: ["large@contoso.test"], bytes: 40 * MB },
    undefined,
  ],
  [
    "between two who may, too much for one",
    { from: "carol@contoso.test", as: CAROL, to: ["large@contoso.test"], bytes: 40 * MB + 1 },
    RECIPIENT,
  ],
  [
    "too much for the sender",
    { from: "carol@contoso.test", as: CAROL, to: ["large@contoso.test"], bytes: 51 * MB },
    SENDER,
  ],
  [
    "of one who only says so",
    { from: "carol@contoso.test", to: ["large@contoso.test"], bytes: 11 * MB },
    TOO_LARGE,
  ],
  [
    "of the user who has logged on, whatever he writes as",
    {
      from: BOB,
      as: { ...LOGGED_ON, account: "carol@contoso.test" },
      to: ["large@contoso.test"],
      bytes: 30 * MB,
    },
    undefined,
  ],
  [
    "out, from one who may",
    { from: "carol@contoso.test", as: CAROL, to: [PARTNER], bytes: 11 * MB },
    TOO_LARGE,
  ],
  ["a small mailbox", { from: STRANGE, to: ["small@contoso.test"], bytes: MB + 1 }, RECIPIENT],
  [
    "smaller when it came",
    {
      from: STRANGE,
      to: ["small@contoso.test"],
      bytes: 2 * MB,
      as: { originalBytes: MB },
    },
    undefined,
  ],
  [
    "larger when it came",
    { from: STRANGE, to: ["small@contoso.test"], bytes: MB, as: { originalBytes: 9 * MB } },
    undefined,
  ],
  [
    "our own notice",
    { from: "", to: ["small@contoso.test"], bytes: 30 * MB, as: { source: "DSN" } },
    undefined,
  ],
  [
    "without any limit",
    {
      from: STRANGE,
      to: [BOB],
      bytes: 500 * MB,
      config: { maxReceiveSize: Infinity, maxSendSize: Infinity },
    },
    undefined,
  ],
] satisfies [string, Case, RegExp | undefined][]) {
  test(`size: ${why}`, async () => {
    const [fault = "ok", ...more] = await refusals(one);
    assert.match(fault, want ?? /^ok$/);
    assert.deepEqual(more, []);
  });
}

test("one whom it is too large for does not keep it from the others", async () => {
  const to = ["small@contoso.test", BOB, PARTNER];
  const lines = describe(await categorize({ from: STRANGE, to, bytes: 2 * MB }));
  assert.deepEqual(lines, [
    "1 bob@contoso.test > mailbox",
    "2 someone@partner.test > Internet partner.test",
    "0 small@contoso.test failed 5.2.3",
  ]);
});

const FOUR = ["alice", "bob", "team", "large"].map((name) => `${name}@contoso.test`);
for (const [why, one, want] of [
  [
    "as many as there may be",
    { from: STRANGE, to: FOUR, config: { maxRecipientEnvelopeLimit: 4 } },
    0,
  ],
  ["one too many", { from: STRANGE, to: FOUR, config: { maxRecipientEnvelopeLimit: 3 } }, 4],
  ["nobody at all", { from: STRANGE, to: [BOB], config: { maxRecipientEnvelopeLimit: 0 } }, 1],
  ["the sender's own", { from: "carol@contoso.test", as: CAROL, to: FOUR }, 4],
  ["not of one who only says so", { from: "carol@contoso.test", to: FOUR }, 0],
  [
    "the sender's own above the organization's",
    {
      from: "carol@contoso.test",
      as: CAROL,
      to: FOUR.slice(1),
      config: { maxRecipientEnvelopeLimit: 2 },
    },
    0,
  ],
] satisfies [string, Case, number][]) {
  test(`recipients: ${why}`, async () => {
    const faults = await refusals(one);
    assert.equal(faults.length, want);
    for (const fault of faults) {
      assert.equal(fault, "550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients");
    }
  });
}

test("what an earlier pass has let through is neither counted nor asked again", async () => {
  const recipients = [
    recipient(0, "inside@contoso.test", { resolved: true }),
    recipient(1, "bob@contoso.test", { resolved: true }),
  ];
  const transportConfig = sampleTransportConfig({ maxRecipientEnvelopeLimit: 1 });
  const organization = sampleOrganization({ transportConfig });
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  const result = await run(recipients, { organization, directory });
  assert.deepEqual(describe(result), [
    "0 inside@contoso.test > mailbox",
    "1 bob@contoso.test > mailbox",
    "unchanged",
  ]);
});

test("a list is read once for all recipients that have it", async () => {
  const members = Array.from({ length: 50 }, (_, index) => `r${index}@contoso.test`);
  const restricted = members.map((address): Mailbox => {
    return mailbox(address, [], only("outer@contoso.test"));
  });
  const directory = fakeDirectory(
    [...RECIPIENTS, ...restricted, group("many@contoso.test")],
    new Map([...MEMBERS, [at("many@contoso.test"), list(...members)]]),
  );
  const result = await categorize(
    { from: ALICE, as: LOGGED_ON, to: ["many@contoso.test"] },
    directory,
  );
  assert.equal(result.routed.length, 50);
  assert.ok(directory.questionCount < 20, `${directory.questionCount} questions`);
});

test("a directory that fails is no refusal", async () => {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  directory.fail(new StoreFailure("gone", { full: false }));
  const to = ["for-team@contoso.test", PARTNER];
  const inside = { from: ALICE, as: LOGGED_ON, to };
  // Whose limits hold for the one outside is not known either.
  assert.deepEqual(describe(await categorize(inside, directory)), [
    "0 for-team@contoso.test deferred 4.3.0",
    "1 someone@partner.test deferred 4.3.0",
  ]);
  assert.deepEqual(describe(await categorize({ from: STRANGE, to }, directory)), [
    "1 someone@partner.test > Internet partner.test",
    "0 for-team@contoso.test deferred 4.3.0",
  ]);
});

test("from memory goes only what nothing can be wrong with", () => {
  const known = new Map(RECIPIENTS.map((one) => [one.primarySmtpAddress, one]));
  const categorizer = createCategorize({
    organization: () => ORGANIZATION,
    directory: {
      ...fakeDirectory(RECIPIENTS, MEMBERS),
      peekRecipient: (address) => known.get(address) ?? null,
    },
    nextMessageId: () => 1,
  });
  const isQuick = (to: string, changes: Partial<QueuedMessage> = {}) =>
    !(categorizer(uncategorized([recipient(0, to)], changes)) instanceof Promise);
  const { message } = uncategorized([]);
  const from = (sender: string, as: Partial<Origin> = LOGGED_ON) => ({
    envelope: { ...message.envelope, sender: at(sender) },
    origin: { ...message.origin, ...as },
  });
  assert.ok(isQuick(BOB));
  assert.ok(isQuick(BOB, from(ALICE)));
  assert.ok(isQuick("inside@contoso.test", from(ALICE)));
  assert.ok(isQuick(PARTNER, from(ALICE)));
  for (const { primarySmtpAddress, kind } of RECIPIENTS.slice(3)) {
    const isPlain = kind === "mailbox" && primarySmtpAddress === BOB;
    assert.equal(isQuick(primarySmtpAddress), isPlain, primarySmtpAddress);
  }
  assert.ok(!isQuick(BOB, from("carol@contoso.test")));
  assert.ok(isQuick(BOB, from("carol@contoso.test", STRANGER)));
  assert.ok(!isQuick(BOB, { contentBytes: 10 * MB + 1 }));
  assert.ok(isQuick(BOB, { contentBytes: 10 * MB }));
});
