import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeDirectory } from "../../org/directory.fake.ts";
import { sampleMailbox } from "../../org/sample-objects.fake.ts";
import {
  type FakeSession,
  fakeSession,
  headerSubject,
  recipientSubject,
} from "./agent-session.fake.ts";
import { senderFilterAgent } from "./sender-filter-agent.ts";

const DIRECTORY = fakeDirectory([
  { ...sampleMailbox("bob@contoso.test"), blockedSenders: ["ann@fabrikam.test", "litware.test"] },
  sampleMailbox("alice@contoso.test"),
]);

/** What becomes of a message; recipients may be known to the session already, or not. */
async function send(
  mail: { readonly from: string; readonly author?: string; readonly to: readonly string[] },
  facts: FakeSession = {},
  peeks = true,
): Promise<string> {
  const found = await DIRECTORY.findRecipients(mail.to as never);
  const known = new Map(mail.to.map((to, index) => [to, found[index] ?? null]));
  const agent = senderFilterAgent({
    peekRecipient: (one) => (peeks ? known.get(one) : undefined),
    findRecipients: (those) => DIRECTORY.findRecipients(those),
  });
  const session = fakeSession(facts);
  const { from, author = from, to } = mail;
  const said: string[] = [];
  const first = await agent.on.OnMailCommand?.(recipientSubject(session, { from }));
  if (first?.kind === "refuse") return `MAIL ${first.reply.code} ${first.data}`;
  if (first?.kind === "accept" && first.findings?.isSenderBlocked) said.push("stamped");
  const recipients = [];
  for (const one of to) {
    const subject = recipientSubject(session, { from, to: one });
    const answer = await agent.on.OnRcptCommand?.(subject);
    if (answer?.kind === "refuse") said.push(`RCPT ${answer.reply.code} ${answer.data}`);
    else recipients.push(subject.recipient);
  }
  if (recipients.length === 0) return said.join();
  const header = `From: Somebody <${author}>\r\n`;
  const answer = await agent.on.OnEndOfHeaders?.(
    headerSubject(session, { from, recipients, header }),
  );
  if (answer?.kind === "refuse") said.push(`${answer.reply.code} ${answer.data}`);
  if (answer?.kind === "discard") said.push(`deleted ${answer.data}`);
  if (answer?.kind === "accept" && answer.removeRecipients) {
    said.push(`without ${answer.removeRecipients.join()}`);
  }
  if (answer?.kind === "accept" && answer.findings?.isSenderBlocked) said.push("stamped");
  return said.join() || "taken";
}

const BLOCKED = "senderFilterConfig: { blockedSenders: [x@spam.test] }";
const DELETE = "senderFilterConfig: { recipientBlockedSenderAction: Delete }";
const STAMP = BLOCKED.replace("}", ", action: StampStatus }");

for (const [why, yaml, mail, want] of [
  ["nobody is blocked", "", { from: "x@spam.test", to: ["alice@contoso.test"] }, "taken"],
  ["at MAIL", BLOCKED, { from: "X@spam.test", to: [] }, "MAIL 554 x@spam.test"],
  [
    "an author",
    BLOCKED,
    { from: "y@spam.test", author: "x@spam.test", to: ["alice@contoso.test"] },
    "554 x@spam.test",
  ],
  ["stamped", STAMP, { from: "x@spam.test", to: ["alice@contoso.test"] }, "stamped,stamped"],
  [
    "a mailbox's sender",
    "",
    { from: "ann@fabrikam.test", to: ["bob@contoso.test", "alice@contoso.test"] },
    "RCPT 550 ann@fabrikam.test",
  ],
  [
    "a mailbox's author, alone",
    "",
    { from: "y@list.test", author: "any@litware.test", to: ["bob@contoso.test"] },
    "550 litware.test",
  ],
  [
    "a mailbox's author, among others",
    "",
    {
      from: "y@list.test",
      author: "any@litware.test",
      to: ["bob@contoso.test", "alice@contoso.test"],
    },
    "without bob@contoso.test",
  ],
  [
    "deleted",
    DELETE,
    { from: "ann@fabrikam.test", to: ["bob@contoso.test"] },
    "deleted ann@fabrikam.test",
  ],
] as const) {
  for (const peeks of [true, false]) {
    test(`sender filter: ${why}, ${peeks ? "in" : "not in"} memory`, async () => {
      assert.equal(await send(mail, { yaml }, peeks), want);
    });
  }
}

test("internal mail is not looked at", async () => {
  const mail = { from: "x@spam.test", to: ["bob@contoso.test"] };
  assert.equal(await send(mail, { yaml: BLOCKED, isAuthenticated: true }), "taken");
});
