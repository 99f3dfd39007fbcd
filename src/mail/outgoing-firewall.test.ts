import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderEdit } from "./header-edit.ts";
import { outgoingIfInMemory } from "./outgoing-content.ts";
import { editsFor, type FirewalledMessage, type HeaderAudience } from "./outgoing-firewall.ts";

const RECEIVED: HeaderEdit = { kind: "prepend", text: "Received: by us.test\r\n" };
const STAMP: HeaderEdit = {
  kind: "prepend",
  text: "X-MS-Exchange-Organization-AuthAs: Internal\r\n",
};
const HEADER =
  "Received: by them.test\r\nResent-From: a@b.test\r\n" +
  "X-MS-Exchange-Organization-SCL: 5\r\nX-MS-Exchange-Organization-Rules: a\r\n b\r\n" +
  "X-MS-Exchange-Forest-RulesExecuted: r\r\nX-MS-Exchange-CrossPremises-SCL: -1\r\n" +
  "X-MS-Exchange-CrossPremises-BCC: c\r\nSubject: s\r\n";
const NAMES = [
  "x-ms-exchange-organization-scl",
  "x-ms-exchange-organization-rules",
  "x-ms-exchange-forest-rulesexecuted",
  "x-ms-exchange-crosspremises-scl",
  "x-ms-exchange-crosspremises-bcc",
];

const to = (audience: HeaderAudience) => ({ audience, serverName: "us.test" });

/** What is left of the header: names without their common start, with values. */
function sent(audience: HeaderAudience): readonly string[] {
  const bytes = Buffer.from(`${HEADER}\r\nbody\r\n`);
  const content = {
    bytes: bytes.length,
    read: () => Promise.resolve(undefined),
    peek: () => bytes,
  };
  const message = { edits: [RECEIVED, STAMP], firewalledNames: NAMES };
  const pieces = outgoingIfInMemory(content, editsFor(message, to(audience))) ?? [];
  const [head = ""] = Buffer.concat(pieces).toString().split("\r\n\r\n");
  return head.replace(/\r\n /g, " ").replaceAll("X-MS-Exchange-", "").split("\r\n");
}

const ROUTING = ["Received: by us.test", "Received: by them.test", "Resent-From: a@b.test"];

for (const [audience, want] of [
  ["anyone", [...ROUTING, "Subject: s"]],
  ["mailbox", ["Organization-AuthAs: Internal", ...ROUTING, "Organization-SCL: 5", "Subject: s"]],
  [
    "cloud",
    [
      "CrossPremises-AuthAs: Internal",
      ...ROUTING,
      "CrossPremises-SCL: 5",
      "CrossPremises-BCC: c",
      "Subject: s",
    ],
  ],
  ["notice", ["Subject: s"]],
] as const) {
  test(`editsFor: to ${audience}`, () => {
    assert.deepEqual(sent(audience).toSorted(), [...want].toSorted());
  });
}

test("editsFor: an ordinary message keeps its edits as they are", () => {
  const edits = [RECEIVED];
  for (const audience of ["anyone", "cloud", "mailbox"] as const) {
    assert.equal(editsFor({ edits }, to(audience)), edits);
  }
});

test("editsFor: what we have added ourselves goes without a look at the content", () => {
  const folded = "X-MS-Exchange-Organization-SCL:\r\n 5\r\nX-MS-Exchange-Forest-A: b\r\n";
  const mixed: HeaderEdit = { kind: "prepend", text: `A: b\r\n${folded}C: d\r\n e\r\n` };
  const edits = [STAMP, mixed, RECEIVED, { kind: "remove", name: "Bcc" }] as const;
  const left = [{ kind: "prepend", text: "A: b\r\nC: d\r\n e\r\n" }, RECEIVED, edits[3]];
  assert.deepEqual(editsFor({ edits }, to("anyone")), left);
  assert.deepEqual(editsFor({ edits: [STAMP, RECEIVED] }, to("anyone")), [RECEIVED]);
  // In content: only a look at it finds them all.
  const found = editsFor(
    { edits: [RECEIVED], firewalledNames: ["x-ms-exchange-forest-a"] },
    to("anyone"),
  );
  assert.deepEqual(found, [RECEIVED, { kind: "remove", name: "x-ms-exchange-forest-a" }]);
});

test("editsFor: a mailbox keeps what is for it without another look", () => {
  const message = { edits: [RECEIVED], firewalledNames: ["x-ms-exchange-organization-authas"] };
  assert.equal(editsFor(message, to("mailbox")), message.edits);
});

test("editsFor: strangers' mail is stamped where somebody sees it, and nowhere else", () => {
  const message = { edits: [RECEIVED], origin: { source: "SMTP" } };
  assert.equal(editsFor(message, to("anyone")), message.edits);
  for (const [audience, prefix] of [
    ["mailbox", "X-MS-Exchange-Organization-Auth"],
    ["cloud", "X-MS-Exchange-CrossPremises-Auth"],
  ] as const) {
    const [stamp, ...rest] = editsFor(message, to(audience));
    assert.deepEqual(rest, [RECEIVED]);
    const text = `${prefix}As: Anonymous\r\n${prefix}Source: us.test\r\n${prefix}Mechanism: 00\r\n`;
    assert.deepEqual(stamp, { kind: "prepend", text });
  }
  const stamped = { ...message, edits: [STAMP, RECEIVED] };
  assert.equal(editsFor(stamped, to("mailbox")), stamped.edits);
  for (const origin of [{ source: "DSN" }, { source: "SMTP", authAs: "Internal" }]) {
    const others: FirewalledMessage = { edits: [RECEIVED], origin };
    assert.equal(editsFor(others, to("mailbox")), others.edits);
  }
});

test("editsFor: what a rule has set in letters of its own does not get out either", () => {
  const text = "x-ms-exchange-organization-mark: secret\r\n";
  for (const kind of ["prepend", "append"] as const) {
    const edits: readonly HeaderEdit[] = [RECEIVED, { kind, text }];
    assert.deepEqual(editsFor({ edits }, to("anyone")), [RECEIVED]);
    const taken = editsFor({ edits, firewalledNames: NAMES }, to("anyone"));
    const names = taken.flatMap((edit) => (edit.kind === "remove" ? edit.name : []));
    assert.ok(names.includes("x-ms-exchange-organization-mark"));
  }
});
