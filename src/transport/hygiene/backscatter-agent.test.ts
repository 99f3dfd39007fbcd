import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY } from "../../base/units.ts";
import { address } from "../../mail/address.fake.ts";
import { createBounceTags } from "../../mail/batv.ts";
import { fakeSession, headerSubject, recipientSubject } from "./agent-session.fake.ts";
import { backscatterAgent } from "./backscatter-agent.ts";
import { createOutgoingTagging } from "./outgoing-tagging.ts";

const YAML = "backscatterProtectionConfig: { signingEnabled: true, rejectionEnabled: true }";
const TAGS = createBounceTags(
  () => Buffer.from("secret"),
  () => Date.UTC(2026, 10, 21),
);
const BOB = address("bob@contoso.test");
const TAGGED = TAGS.sign(BOB, { keyNumber: 0, lifetimeMs: 7 * DAY }) ?? BOB;

/** What becomes of a message to these, as the client says them. */
async function send(
  from: string,
  to: readonly string[],
  facts: {
    readonly header?: string;
    readonly yaml?: string;
    readonly isAuthenticated?: boolean;
  } = {},
): Promise<string> {
  const agent = backscatterAgent(TAGS);
  const session = fakeSession({ yaml: YAML, ...facts });
  const recipients = await Promise.all(
    to.map(async (text) => {
      const given = address(text);
      const known = agent.rewriteRecipient?.(given, session.organization) ?? given;
      const subject = { ...recipientSubject(session, { from, to: known }), given };
      assert.equal(await agent.on.OnRcptCommand?.(subject), undefined);
      return subject.recipient;
    }),
  );
  const header = facts.header ?? "Subject: Undelivered\r\n";
  const subject = headerSubject(session, { from, recipients, header });
  const answer = await agent.on.OnEndOfHeaders?.(subject);
  if (answer?.kind === "refuse") return `${answer.reply.code} ${answer.reason}`;
  return answer?.kind === "accept" ? `without ${answer.removeRecipients?.join()}` : "taken";
}

for (const [why, from, to, want] of [
  ["a notice to a tagged address", "", [TAGGED], "taken"],
  ["a notice to another's", "", ["bob@contoso.test"], "550 Backscatter"],
  ["a message to the same", "ann@fabrikam.test", ["bob@contoso.test"], "taken"],
  ["a notice to the postmaster", "", ["Postmaster@contoso.test"], "taken"],
  ["a notice to a rewritten sender", "", ["SRS0=abcdef=xy=a.test=b@contoso.test"], "taken"],
  ["a notice to what cannot be tagged", "", [`${"a".repeat(60)}@contoso.test`], "taken"],
  ["a notice to several", "", [TAGGED, "alice@contoso.test"], "without alice@contoso.test"],
  ["a notice to a domain that is not ours", "", ["bob@relay.test"], "taken"],
] as const) {
  test(`${why} is ${want}`, async () => assert.equal(await send(from, to), want));
}

test("a read receipt gets in", async () => {
  const header = 'Content-Type: multipart/report;\r\n report-type="disposition-notification"\r\n';
  assert.equal(await send("", ["bob@contoso.test"], { header }), "taken");
});

test("own servers, and those who are said to write elsewhere, need no tags", async () => {
  assert.equal(await send("", ["bob@contoso.test"], { isAuthenticated: true }), "taken");
  const yaml = YAML.replace(" }", ", bypassedRecipients: [BOB@contoso.test] }");
  assert.equal(await send("", ["bob@contoso.test"], { yaml }), "taken");
  assert.equal(await send("", ["bob@contoso.test"], { yaml: "" }), "taken", "off by default");
});

test("tags are taken off when they are ours, and from addresses of ours alone", () => {
  const agent = backscatterAgent(TAGS);
  const { organization } = fakeSession({ yaml: YAML });
  const rewrite = (text: string) => agent.rewriteRecipient?.(address(text), organization);
  assert.equal(rewrite(TAGGED), BOB);
  assert.equal(rewrite(TAGGED.replace("bob", "alice")), undefined);
  assert.equal(rewrite(TAGGED.replace("contoso", "fabrikam")), undefined);
  assert.equal(rewrite("bob@contoso.test"), undefined);
});

for (const [why, sender, to, origin, isTagged] of [
  ["our user's mail that leaves", BOB, "ann@fabrikam.test", "Originating", true],
  ["mail that stays", BOB, "alice@contoso.test", "Originating", false],
  ["mail that passes through us", BOB, "ann@fabrikam.test", "Incoming", false],
  ["another's sender", "ann@litware.test", "ann@fabrikam.test", "Originating", false],
  ["a rewritten sender", "SRS0=abcdef=xy=a.test=b@contoso.test", "a@b.test", "Originating", false],
] as const) {
  test(`${why} is ${isTagged ? "" : "not "}tagged`, () => {
    const { organization } = fakeSession({ yaml: YAML });
    const tag = createOutgoingTagging(() => organization, TAGS);
    const message = {
      origin: {
        source: "SMTP",
        connector: "",
        clientAddress: "",
        clientName: "",
        serverAddress: "",
        directionality: origin,
      },
    } as const;
    const tagged = tag({ message, recipients: [{ address: address(to) }] }, address(sender));
    assert.equal(tagged !== undefined, isTagged);
    if (tagged !== undefined) assert.equal(TAGS.open(tagged), BOB);
  });
}
