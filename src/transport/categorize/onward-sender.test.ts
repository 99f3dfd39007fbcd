import assert from "node:assert/strict";
import { test } from "node:test";
import { address as at } from "../../mail/address.fake.ts";
import { createSenderRewriting } from "../../mail/srs.ts";
import { fakeDirectory } from "../../org/directory.fake.ts";
import { withRewrittenSenders } from "../../org/rewritten-senders.ts";
import { sampleContact, sampleGroup, sampleMailbox } from "../../org/sample-objects.fake.ts";
import { createCategorize } from "./categorize.ts";
import { describe } from "./categorize-sample.fake.ts";
import { recipient, sampleOrganization, uncategorized } from "./organization.fake.ts";

const REWRITING = createSenderRewriting(Buffer.from("key"), () => Date.UTC(2026, 10, 21));
const SAMPLE = sampleOrganization();

const DIRECTORY = fakeDirectory(
  [
    sampleMailbox("alice@contoso.test", { forwardingAddress: at("alice@far.test") }),
    sampleMailbox("both@contoso.test", {
      forwardingAddress: at("both@far.test"),
      deliverToMailboxAndForward: true,
    }),
    sampleContact("partner@contoso.test", "partner@far.test"),
    sampleGroup("team@contoso.test", { memberCount: 2, reportToOriginatorEnabled: true }),
    sampleGroup("managed@contoso.test", { memberCount: 1, managedBy: at("chief@contoso.test") }),
    sampleMailbox("bob@contoso.test"),
  ],
  new Map([
    [at("team@contoso.test"), ["bob@contoso.test", "x@far.test"].map(at)],
    [at("managed@contoso.test"), [at("x@far.test")]],
  ]),
);

async function run(to: string, sender: string, enabled = true) {
  const organization = () => ({
    ...SAMPLE,
    transportConfig: { ...SAMPLE.transportConfig, senderRewritingEnabled: enabled },
  });
  let nextId = 100;
  const categorize = createCategorize({
    organization,
    directory: withRewrittenSenders(
      { ...DIRECTORY, peekRecipient: () => undefined, invalidate: () => undefined },
      REWRITING,
      organization,
    ),
    nextMessageId: () => nextId++,
    rewriting: REWRITING,
  });
  const { envelope } = uncategorized([]).message;
  const message = { envelope: { ...envelope, sender: sender === "" ? "" : at(sender) } as const };
  const result = await categorize(uncategorized([recipient(0, to)], message));
  const lines = describe(result).filter((line) => !/^[A-Z]/.test(line));
  return lines.map((line) => line.replace(/SRS0=[a-z2-7]{6}=[a-z2-7]{2}=/, "SRS0=h=d="));
}

const FORWARDED = "SRS0=h=d=elsewhere.test=ann@contoso.test";

for (const [why, to, sender, want] of [
  [
    "a forwarding mailbox",
    "alice@contoso.test",
    "ann@elsewhere.test",
    [`fork ${FORWARDED}: 0 alice@far.test orcpt=alice@contoso.test > Internet far.test`],
  ],
  ["a contact", "partner@contoso.test", "ann@elsewhere.test", /^fork SRS0=h=d=/],
  ["a copy", "both@contoso.test", "ann@elsewhere.test", /^fork SRS0=h=d=/],
  ["a group's member", "team@contoso.test", "ann@elsewhere.test", /^fork SRS0=h=d=/],
  ["our own sender", "alice@contoso.test", "bob@contoso.test", /^0 alice@far/],
  ["no sender", "alice@contoso.test", "", /^0 alice@far/],
  ["no forwarding", "x@far.test", "ann@elsewhere.test", /^0 x@far.test > Internet/],
] as const) {
  test(`the sender of mail that goes on: ${why}`, async () => {
    const lines = await run(to, sender);
    if (want instanceof RegExp) assert.match(lines.find((line) => want.test(line)) ?? "", want);
    else assert.deepEqual(lines, want);
    if (!String(want).includes("SRS0")) assert.doesNotMatch(lines.join(), /SRS0/);
  });
}

test("with sender rewriting switched off the sender stays", async () => {
  assert.doesNotMatch((await run("alice@contoso.test", "ann@elsewhere.test", false)).join(), /SRS/);
});

test("a notice to a rewritten sender goes to him; a forged one has nobody", async () => {
  const rewritten = REWRITING.forward(
    at("ann@fabrikam.example"),
    SAMPLE.acceptedDomains[0]?.domainName ?? assert.fail(),
  );
  assert.ok(rewritten !== undefined);
  const [line = ""] = await run(rewritten, "");
  assert.match(line, /^0 ann@fabrikam\.example orcpt=SRS0=\S+ > Internet fabrikam\.example$/);
  const [forged = ""] = await run(rewritten.replace("=ann", "=bob"), "");
  assert.match(forged, /failed 5\.1\.10$/);
});
