import assert from "node:assert/strict";
import { test } from "node:test";
import { address as at } from "../../mail/address.fake.ts";
import type { Address } from "../../mail/address.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import type { OrganizationRecipient } from "../../org/organization.ts";
import { byteCount } from "../../store/content.ts";
import { type QueuedMessage, StoreFailure } from "../../store/queue-store.ts";
import type { RoutingAgent, RoutingAnswer, RoutingEvent } from "../agents/routing-agent.ts";
import type { Categorization } from "../queue/categorization.ts";
import { createCategorize } from "./categorize.ts";
import { describe, run } from "./categorize-sample.fake.ts";
import {
  contact,
  group,
  mailbox,
  notify,
  recipient,
  sampleOrganization,
  uncategorized,
} from "./organization.fake.ts";

const list = (...names: readonly string[]) => names.map((name) => at(`${name}@contoso.test`));
const by = (...names: readonly string[]) => ({
  moderationEnabled: true,
  moderatedBy: list(...names),
});
const bypass = (...names: readonly string[]) => ({
  ...by("carol"),
  bypassModerationFromSendersOrMembers: list(...names),
});

const RECIPIENTS: readonly OrganizationRecipient[] = [
  mailbox("alice@contoso.test", ["a.smith@contoso.test"]),
  mailbox("bob@contoso.test"),
  mailbox("carol@contoso.test"),
  mailbox("dave@contoso.test"),
  contact("partner@contoso.test", "someone@partner.test"),
  mailbox("boss@contoso.test", ["chief@contoso.test"], by("carol")),
  { ...contact("vip@contoso.test", "vip@partner.test"), ...by("carol") },
  mailbox("to-boss@contoso.test", [], { forwardingAddress: at("boss@contoso.test") }),
  mailbox("daves@contoso.test", [], by("dave")),
  mailbox("shared@contoso.test", [], by("dave", "carol")),
  mailbox("contacts@contoso.test", [], by("partner")),
  mailbox("nobodys@contoso.test", [], by("gone", "team")),
  mailbox("for-bob@contoso.test", [], bypass("bob")),
  mailbox("for-team@contoso.test", [], bypass("outer")),
  mailbox("quiet@contoso.test", [], { ...by("carol"), sendModerationNotifications: "Never" }),
  mailbox("inner@contoso.test", [], { ...by("carol"), sendModerationNotifications: "Internal" }),
  group("team@contoso.test"),
  group("outer@contoso.test"),
  group("all@contoso.test", { ...by("carol"), managedBy: at("dave@contoso.test") }),
  group("owned@contoso.test", { ...by(), managedBy: at("dave@contoso.test") }),
  group("nested@contoso.test"),
  group("parent@contoso.test", { ...by("carol"), bypassNestedModerationEnabled: true }),
  group("strict@contoso.test", by("carol")),
];
const MEMBERS: ReadonlyMap<Address, readonly Address[]> = new Map([
  [at("team@contoso.test"), list("bob", "a.smith")],
  [at("outer@contoso.test"), list("team")],
  [at("all@contoso.test"), list("bob", "carol")],
  [at("owned@contoso.test"), list("bob")],
  [at("nested@contoso.test"), list("all", "boss", "bob")],
  [at("parent@contoso.test"), list("nested", "dave")],
  [at("strict@contoso.test"), list("all", "dave")],
]);

const ORGANIZATION = sampleOrganization();
const BY_ADDRESS: ReadonlyMap<Address, OrganizationRecipient> = new Map(
  RECIPIENTS.map((one) => [one.primarySmtpAddress, one]),
);

interface Case {
  readonly from?: string;
  readonly isLoggedOn?: boolean;
  readonly message?: Partial<QueuedMessage>;
  readonly agents?: readonly RoutingAgent[];
  /** An administrator has sent what was approved to somebody else. */
  readonly isRedirected?: true;
}

const STRANGE = "sender@elsewhere.test";

async function categorize(to: readonly string[], one: Case = {}, how: { notify?: string } = {}) {
  const isApproved =
    one.message?.quarantine?.type === "RecipientModeration" && one.isRedirected !== true;
  const wanted = {
    ...(how.notify !== undefined && { notify: notify(how.notify) }),
    ...(isApproved && { approved: true as const }),
  };
  const recipients = to.map((name, at) => recipient(at, `${name}@contoso.test`, wanted));
  const { message } = uncategorized(recipients);
  const { from = STRANGE, isLoggedOn = false, agents } = one;
  return run(recipients, {
    organization: ORGANIZATION,
    directory: fakeDirectory(RECIPIENTS, MEMBERS),
    message: {
      envelope: { ...message.envelope, sender: from === "" ? "" : at(from) },
      origin: { ...message.origin, ...(isLoggedOn && { authAs: "Internal" }) },
      ...one.message,
    },
    ...(agents && { agents }),
  });
}

/** `carol: boss vip`, one line for each message that waits. */
function waiting({ quarantined = [], submissions = [] }: Categorization): readonly string[] {
  assert.equal(quarantined.length, submissions.length);
  return quarantined.map(({ recipients, mark }, index) => {
    assert.equal(mark.type, "RecipientModeration");
    const asked = submissions[index]?.recipients.map(({ address }) => nameOf(address)) ?? [];
    const held = recipients.map(({ address }) => nameOf(address));
    return `${asked.join(" ")}: ${held.join(" ")}${mark.isSilent ? " (silent)" : ""}`;
  });
}

const nameOf = (address: string) => address.replace(/@contoso\.test$/, "");

const reached = ({ routed }: Categorization) =>
  routed.map(({ recipient: { address } }) => nameOf(address));

const AS_BOB: Case = { from: "bob@contoso.test", isLoggedOn: true };
const AS_CAROL: Case = { from: "carol@contoso.test", isLoggedOn: true };
const AS_DAVE: Case = { from: "dave@contoso.test", isLoggedOn: true };

for (const [why, to, as, held, gets] of [
  ["nobody is moderated", ["bob", "team"], {}, [], ["bob", "alice"]],
  ["a mailbox", ["boss"], {}, ["carol: boss"], []],
  ["by another address", ["chief"], {}, ["carol: chief"], []],
  ["under a tag", ["boss+x"], {}, ["carol: boss+x"], []],
  ["a contact", ["vip"], {}, ["carol: vip"], []],
  ["a group", ["all"], {}, ["carol: all"], []],
  ["a group without moderators: its owner", ["owned"], {}, ["dave: owned"], []],
  ["the others go on", ["bob", "boss", "carol"], {}, ["carol: boss"], ["bob", "carol"]],
  ["the same moderators: one request", ["boss", "vip", "all"], {}, ["carol: boss vip all"], []],
  ["different ones: one each", ["boss", "daves"], {}, ["carol: boss", "dave: daves"], []],
  ["several moderators", ["shared"], {}, ["dave carol: shared"], []],
  ["a contact moderates", ["contacts"], {}, ["partner: contacts"], []],
  ["twice in one message", ["boss", "chief"], {}, ["carol: boss"], []],
  ["inside a group", ["nested"], {}, ["carol: all boss"], ["bob"]],
  ["through a forwarding", ["to-boss"], {}, ["carol: boss"], []],
  ["a moderator writes", ["boss", "all"], AS_CAROL, [], ["boss", "bob", "carol"]],
  ["an owner writes", ["all"], AS_DAVE, [], ["bob", "carol"]],
  ["who calls himself a moderator", ["boss"], { from: "carol@contoso.test" }, ["carol: boss"], []],
  ["on the list", ["for-bob"], AS_BOB, [], ["for-bob"]],
  ["not on the list", ["for-bob"], AS_DAVE, ["carol: for-bob"], []],
  ["a member of a group on the list", ["for-team"], AS_BOB, [], ["for-team"]],
  ["who calls himself one", ["for-team"], { from: "bob@contoso.test" }, ["carol: for-team"], []],
  ["the null sender", ["boss"], { from: "" }, ["carol: boss"], []],
  ["a moderated group for its own members", ["strict"], AS_CAROL, [], ["dave", "bob", "carol"]],
  [
    "a group inside one that is approved",
    ["strict"],
    { message: approved() },
    ["carol: all"],
    ["dave"],
  ],
  [
    "one whose word counts inside",
    ["parent"],
    { message: approved() },
    ["carol: boss"],
    ["dave", "bob", "carol"],
  ],
  ["approved itself", ["boss", "all"], { message: approved() }, [], ["boss", "bob", "carol"]],
  [
    "approved, and a member besides",
    ["boss", "nested"],
    { message: approved() },
    ["carol: all"],
    ["boss", "bob"],
  ],
  [
    "approved for somebody else",
    ["boss"],
    { message: approved(), isRedirected: true },
    ["carol: boss"],
    [],
  ],
  [
    "approved is not what a rule has held",
    ["boss"],
    { message: approved("Moderation") },
    ["carol: boss"],
    [],
  ],
  ["all may know", ["inner"], AS_BOB, ["carol: inner"], []],
  ["strangers may not", ["inner"], {}, ["carol: inner (silent)"], []],
  ["nobody may", ["quiet", "boss"], AS_BOB, ["carol: quiet (silent)", "carol: boss"], []],
] satisfies [string, string[], Case, string[], string[]][]) {
  test(`moderation: ${why}`, async () => {
    const result = await categorize(to, as);
    assert.deepEqual(waiting(result), held);
    assert.deepEqual(reached(result).toSorted(), gets.toSorted());
  });
}

function approved(type: "Moderation" | "RecipientModeration" = "RecipientModeration") {
  return { quarantine: { type, agent: "Moderation", reason: "x", sinceMs: 1 } };
}

test("what waits keeps what its sender asked for, and nothing of the way it came", async () => {
  const result = await categorize(["to-boss", "nested"], {}, { notify: "SUCCESS,FAILURE" });
  const [kept] = result.quarantined ?? [];
  assert.deepEqual(
    kept?.recipients.map(({ position, address, resolved, ...more }) => [
      position,
      address,
      resolved,
      more.notify?.join(),
      more.originalRecipient?.address,
    ]),
    [
      [0, "boss@contoso.test", false, "SUCCESS,FAILURE", "to-boss@contoso.test"],
      [1, "all@contoso.test", false, "FAILURE", "nested@contoso.test"],
    ],
  );
  assert.equal(kept?.message.contentId, 7);
  assert.notEqual(kept?.message.id, 7);
  assert.equal(kept?.mark.reason, "boss@contoso.test and 1 more");
});

test("nobody to approve: the sender hears of it", async () => {
  const result = await categorize(["nobodys", "bob"]);
  assert.deepEqual(waiting(result), []);
  assert.deepEqual(describe(result), [
    "1 bob@contoso.test > mailbox",
    "0 nobodys@contoso.test failed 5.7.1",
    "MODERATORSALLNDR undefined: nobodys@contoso.test",
  ]);
});

test("moderators are asked with the message attached, and their mail is ours", async () => {
  const { submissions = [] } = await categorize(["boss"], { message: { subject: "Offer" } });
  const [request] = submissions;
  assert.equal(request?.message.subject, "Approval requested: Offer");
  assert.equal(request?.message.origin.source, "AGENT");
  assert.equal(request?.message.envelope.sender, "");
  const text = Buffer.concat(request?.content ?? []).toString();
  assert.match(text, /^From: Approval Assistant <postmaster@contoso.test>\r$/m);
  assert.match(text, /^Content-Type: message\/rfc822\r$/m);
  const body = /base64\r\n\r\n([\s\S]*?)\r\n--/.exec(text)?.[1] ?? "";
  const shown = Buffer.from(body, "base64").toString();
  assert.match(shown, /because you are a moderator of boss@contoso\.test/);
  assert.match(shown, /^From: sender@elsewhere\.test$/m);
});

test("requests to many moderators attach no more of a large message than all may", async () => {
  const bytes = 9 * 1024 * 1024;
  const piece = Buffer.concat([Buffer.from("Subject: x\r\n\r\n"), Buffer.alloc(bytes - 14, "x")]);
  const content = {
    bytes,
    peek: () => undefined,
    read: async (index: number) => (index === 0 ? piece : undefined),
  };
  for (const [count, isWhole] of [
    [7, true],
    [8, false],
  ] as const) {
    const names = Array.from({ length: count }, (_, index) => `m${index}`);
    const moderated = names.map((name) => mailbox(`for-${name}@contoso.test`, [], by(name)));
    const moderators = names.map((name) => mailbox(`${name}@contoso.test`));
    const recipients = names.map((name, at) => recipient(at, `for-${name}@contoso.test`));
    const { submissions = [] } = await createCategorize({
      organization: () => ORGANIZATION,
      directory: fakeDirectory([...moderated, ...moderators]),
      nextMessageId: () => 100,
    })({ ...uncategorized(recipients), content });
    assert.equal(submissions.length, count);
    assert.equal(
      submissions[0] !== undefined && byteCount(submissions[0].content) > bytes,
      isWhole,
    );
  }
});

test("our own mail needs nobody's approval", async () => {
  const { origin } = uncategorized([]).message;
  for (const source of ["DSN", "AGENT"] as const) {
    const result = await categorize(["boss"], { message: { origin: { ...origin, source } } });
    assert.deepEqual([waiting(result), reached(result)], [[], ["boss"]]);
  }
});

test("a mailbox that is not moderated is answered for at once", async () => {
  const { isPromise, lookups } = await categorizeFromMemory("bob@contoso.test");
  assert.deepEqual([isPromise, lookups], [false, 0]);
  const moderated = await categorizeFromMemory("boss@contoso.test");
  assert.equal(moderated.isPromise, true);
});

test("a directory that fails puts it off, and nothing is asked of anybody", async () => {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  const { findRecipients } = directory;
  let asked = 0;
  const failing = {
    ...directory,
    get questionCount() {
      return directory.questionCount;
    },
    findRecipients: async (addresses: readonly Address[]) => {
      asked += 1;
      if (asked > 1) throw new StoreFailure("away", { full: false });
      return findRecipients(addresses);
    },
  };
  const result = await run([recipient(0, "boss@contoso.test")], { directory: failing });
  assert.deepEqual(describe(result), ["0 boss@contoso.test deferred 4.3.0"]);
  assert.equal(result.submissions, undefined);
});

test("agents before resolution are heard once; their changes wait with the message", async () => {
  const result = await categorize(["boss", "bob"], {
    agents: [
      probe("OnSubmittedMessage", (positions) => ({
        decisions: [{ positions, fate: { kind: "deliver", changes: { scl: 3 } } }],
      })),
    ],
  });
  const [kept] = result.quarantined ?? [];
  assert.equal(kept?.message.scl, 3);
  const asked: string[] = [];
  const note = (event: RoutingEvent) => probe(event, () => void asked.push(event));
  const agents = [note("OnSubmittedMessage"), note("OnResolvedMessage")];
  await categorize(["boss"], { message: approved(), agents });
  assert.deepEqual(asked, ["OnSubmittedMessage", "OnResolvedMessage"]);
  asked.length = 0;
  const quarantine = { ...approved().quarantine, event: kept?.mark.event ?? "" };
  await categorize(["boss"], { message: { quarantine }, agents });
  assert.deepEqual(asked, ["OnResolvedMessage"]);
});

test("whom a rule adds or redirects to waits like all others", async () => {
  const added = await categorize(["bob"], {
    agents: [
      probe("OnResolvedMessage", () => ({
        added: [{ address: at("boss@contoso.test"), changes: {} }],
      })),
    ],
  });
  assert.deepEqual([waiting(added), reached(added)], [["carol: boss"], ["bob"]]);
  assert.deepEqual(added.quarantined?.[0]?.recipients[0]?.notify, []);
  const redirected = await categorize(["bob", "boss"], {
    agents: [
      probe("OnResolvedMessage", (positions) => ({
        decisions: [
          { positions, fate: { kind: "redirect", to: [at("chief@contoso.test")], changes: {} } },
        ],
      })),
    ],
  });
  assert.deepEqual([waiting(redirected), reached(redirected)], [["carol: boss"], []]);
});

function probe(
  event: RoutingEvent,
  judge: (positions: readonly number[]) => RoutingAnswer | undefined,
): RoutingAgent {
  return {
    agent: { name: event, priority: 1, events: [event], doc: "A test." },
    on: {
      [event]: ({ recipients }: Parameters<NonNullable<RoutingAgent["on"][RoutingEvent]>>[0]) =>
        judge(recipients.map((one) => one.recipient.position)),
    },
    hears: () => true,
  };
}

async function categorizeFromMemory(address: string) {
  const directory = fakeDirectory(RECIPIENTS, MEMBERS);
  const answer = createCategorize({
    organization: () => ORGANIZATION,
    directory: { ...directory, peekRecipient: (one) => BY_ADDRESS.get(one) },
    nextMessageId: () => 100,
  })(uncategorized([recipient(0, address)]));
  await answer;
  return { isPromise: answer instanceof Promise, lookups: directory.lookups.length };
}
