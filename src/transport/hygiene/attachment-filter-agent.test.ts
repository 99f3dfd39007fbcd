import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../../base/clock.fake.ts";
import { fault, ok } from "../../base/result.ts";
import { zipOf } from "../../content/archive.fake.ts";
import { inspectAttachments } from "../../content/inspect-attachments.ts";
import { lines, multipart } from "../../content/message.fake.ts";
import { readMessage } from "../../content/read-message.ts";
import type { IncomingMessage } from "../agents/receive-agent.ts";
import { type FakeSession, fakeSession, headerSubject } from "./agent-session.fake.ts";
import { attachmentFilterAgent } from "./attachment-filter-agent.ts";

type Look = Parameters<typeof attachmentFilterAgent>[0];

const look: Look = async (source, { limits, wanted }) => {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.content()) pieces.push(piece);
  const content = Buffer.concat(pieces);
  const view = readMessage(content, limits);
  if (!view.ok) return ok(view);
  const how = { limits, wanted, clock: fakeClock() };
  const attachments = await inspectAttachments(content, view.value, how);
  return ok(ok({ view: view.value, attachments }));
};

const ZIP = zipOf([{ name: "a.txt", content: "x", isEncrypted: true }]).toString("base64");
const PROGRAM = ["Content-Disposition: attachment; filename=a.exe", "", "x"];
const CLOSED = [
  "Content-Disposition: attachment; filename=a.zip",
  "Content-Transfer-Encoding: base64",
  "",
  ...(ZIP.match(/.{1,76}/g) ?? []),
];
const TEXT = ["", "Hello"];

/** What is done with a message that has these parts. */
async function judge(parts: readonly (readonly string[])[], facts: FakeSession, how: Look = look) {
  const agent = attachmentFilterAgent(how);
  const session = fakeSession(facts);
  if (!agent.hears(session)) return "not heard";
  const content = lines("Subject: x", ...multipart("mixed", parts));
  const subject = headerSubject(session, { from: "", recipients: [], header: "" });
  const message: IncomingMessage = {
    ...subject,
    bytes: content.length,
    async *content() {
      yield content;
    },
  };
  const answer = await agent.on.OnEndOfData?.(message);
  if (answer?.kind === "refuse") return `${answer.reply.lines[0]} (${answer.data})`;
  if (answer?.kind === "discard") return `deleted (${answer.data})`;
  return answer?.kind === "accept" && answer.content !== undefined ? "stripped" : "taken";
}

const ENTRY = 'attachmentFilterEntries: [{ name: "FileName:*.exe" }]\n';
const config = (settings: string) => `attachmentFilterListConfig: { ${settings} }\n`;

for (const [why, parts, facts, want] of [
  ["nothing unwanted", [TEXT], { yaml: ENTRY }, "taken"],
  [
    "a program",
    [TEXT, PROGRAM],
    { yaml: ENTRY },
    "Message rejected due to unacceptable attachments (FileName:*.exe a.exe)",
  ],
  [
    "own words",
    [PROGRAM],
    { yaml: ENTRY + config("rejectResponse: No programs") },
    "No programs (FileName:*.exe a.exe)",
  ],
  [
    "silently",
    [PROGRAM],
    { yaml: ENTRY + config("action: SilentDelete") },
    "deleted (FileName:*.exe a.exe)",
  ],
  ["taken out", [TEXT, PROGRAM], { yaml: ENTRY + config("action: Strip") }, "stripped"],
  ["closed archives are let in", [CLOSED], { yaml: ENTRY }, "taken"],
  [
    "closed archives are not",
    [CLOSED],
    { yaml: config("encryptedArchivesEnabled: false, rejectResponse: Closed") },
    "Closed (EncryptedArchive a.zip)",
  ],
  ["nothing to look for", [PROGRAM], {}, "not heard"],
  ["own people", [PROGRAM], { yaml: ENTRY, isAuthenticated: true }, "not heard"],
  [
    "a connector that is let off",
    [PROGRAM],
    { yaml: ENTRY + config("exceptionConnectors: [default]") },
    "not heard",
  ],
] as const) {
  test(`attachment filter: ${why}`, async () => assert.equal(await judge(parts, facts), want));
}

test("who is on the IP Allow list may not send programs either", async () => {
  const facts = { yaml: ENTRY, findings: { isAllowed: true } };
  assert.match(await judge([PROGRAM], facts), /unacceptable/);
});

test("what cannot be looked at is the guard's; what has too much in it is refused", async () => {
  await assert.rejects(
    judge([PROGRAM], { yaml: ENTRY }, async () => fault("slow")),
    /slow/,
  );
  const tooMany = { limit: "partCountMax", max: 1000 } as const;
  const refused = await judge([PROGRAM], { yaml: ENTRY }, async () => ok(fault(tooMany)));
  assert.equal(refused, "The message has more in it than is looked at (partCountMax)");
});
