import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { composeNotice } from "./notice.ts";
import { type NoticeKind, noticeFor } from "./notice-decision.ts";
import { SHOWN_RECIPIENTS_MAX } from "./notice-human.ts";
import type { NoticeInput, NoticeRecipient } from "./notice-input.ts";
import { type ParsedPart, parseFields, parseMessage } from "./strict-mime.fake.ts";

const SENT_MS = Date.UTC(2026, 10, 5, 9, 30);
const NOW_MS = Date.UTC(2026, 10, 5, 13, 7, 9);

const HEADER = [
  "Received: from client.example ([192.0.2.7]) by mail.contoso.test with ESMTP; Thu, 5 Nov 2026",
  " 09:30:00 +0000",
  "X-MS-Exchange-Organization-SCL: 1",
  "From: Alice <alice@contoso.test>",
  "To: bob@fabrikam.test",
  "Subject: Offer",
  "Message-ID: <offer@contoso.test>",
  "",
].join("\r\n");

const BOB: NoticeRecipient = {
  address: "bob@fabrikam.test",
  originalRecipient: { type: "rfc822", address: "robert@fabrikam.test" },
  status: "5.1.1",
  diagnostic: "550 5.1.1 <bob@fabrikam.test>: no such user, ask <postmaster>",
  hop: { name: "mx.fabrikam.test", address: "198.51.100.9" },
  lastAttemptMs: NOW_MS - 1000,
  retryUntilMs: undefined,
};

const FAILED: NoticeInput = {
  kind: "failed",
  recipients: [BOB],
  reportingMta: "mail.contoso.test",
  from: { name: "Postrider", address: "postmaster@contoso.test" },
  sender: "alice@contoso.test",
  envid: "QQ314159",
  ret: undefined,
  arrivalMs: SENT_MS,
  original: {
    subject: "Offer",
    internetMessageId: "<offer@contoso.test>",
    smtpUtf8: false,
    body: "7BIT",
    header: Buffer.from(HEADER),
    content: undefined,
  },
  html: true,
  language: "en",
  nowMs: NOW_MS,
  internetMessageId: "<0123456789abcdef0123456789abcdef@mail.contoso.test>",
  boundaryKey: "fedcba9876543210",
};

const OUTCOMES: Readonly<Record<NoticeKind, Partial<NoticeRecipient>>> = {
  failed: {},
  delayed: {
    status: "4.4.1",
    diagnostic: "451 4.4.1 Connection timed out",
    retryUntilMs: SENT_MS + 2 * 86_400_000,
  },
  relayed: { status: "2.1.5", diagnostic: "250 2.1.5 OK" },
  delivered: { status: "2.1.5", diagnostic: "250 2.1.5 Delivered", hop: undefined },
  expanded: { status: "2.0.0", diagnostic: "", hop: undefined },
};

function inputOf(kind: NoticeKind, change: Partial<NoticeInput> = {}): NoticeInput {
  return { ...FAILED, kind, recipients: [{ ...BOB, ...OUTCOMES[kind] }], ...change };
}

function original(change: Partial<NoticeInput["original"]>): NoticeInput["original"] {
  return { ...FAILED.original, ...change };
}

interface Read {
  readonly bytes: Buffer;
  readonly top: ParsedPart;
  readonly human: ParsedPart;
  readonly text: string;
  readonly html: string | undefined;
  readonly report: ParsedPart;
  readonly groups: readonly ReadonlyMap<string, string>[];
  readonly returned: ParsedPart;
}

/** Composes a notice and reads it back with the strict reader, which rejects what is not MIME. */
function read(input: NoticeInput): Read {
  const notice = composeNotice(input);
  const bytes = Buffer.concat(notice.content);
  const top = parseMessage(bytes);
  assert.equal(top.type, "multipart/report");
  assert.equal(top.parameters.get("report-type"), "delivery-status");
  const [human, report, returned, ...rest] = top.parts;
  assert.ok(human && report && returned);
  assert.equal(rest.length, 0);
  assert.equal(
    notice.body === "8BITMIME",
    bytes.some((byte) => byte > 127),
  );
  const [plain, html] = human.type === "multipart/alternative" ? human.parts : [human];
  assert.equal(plain?.type, "text/plain");
  const groups = report.body
    .toString()
    .trim()
    .split("\r\n\r\n")
    .map((group) => parseFields(group));
  const text = plain?.body.toString() ?? "";
  return { bytes, top, human, text, html: html?.body.toString(), report, groups, returned };
}

const CONTENT = [Buffer.from(`${HEADER}\r\nHello `), Buffer.from("Bob\r\n--report_\r\nno end")];

const INTERNATIONAL = inputOf("failed", {
  sender: "jörg@contoso.test",
  recipients: [
    {
      ...BOB,
      address: "用户@fabrikam.test",
      originalRecipient: { type: "utf-8", address: "用@x" },
    },
    BOB,
  ],
  original: original({ smtpUtf8: true, header: Buffer.from("Subject: Grüße\r\n") }),
});

/** Read by the tests of test/scenarios too, with a mail reader that is not ours. */
const GOLDEN: Readonly<Record<string, NoticeInput>> = {
  failed: FAILED,
  delayed: inputOf("delayed"),
  relayed: inputOf("relayed"),
  delivered: inputOf("delivered"),
  expanded: inputOf("expanded"),
  whole: inputOf("failed", { ret: "FULL", original: original({ content: CONTENT }) }),
  international: INTERNATIONAL,
};

for (const [name, input] of Object.entries(GOLDEN)) {
  test(`the golden sample notice-${name}.eml`, () => {
    const { bytes } = read(input);
    const path = new URL(`fixtures/notice-${name}.eml`, import.meta.url);
    // After a change that is meant: POSTRIDER_GOLDEN=write, then read what has changed.
    if (process.env["POSTRIDER_GOLDEN"] === "write") writeFileSync(path, bytes);
    assert.equal(bytes.toString(), readFileSync(path, "utf8"));
  });
}

for (const [kind, prefix] of [
  ["failed", "Undeliverable: "],
  ["delayed", "Delivery delayed: "],
  ["relayed", "Relayed: "],
  ["delivered", "Delivered: "],
  ["expanded", "Expanded: "],
] as const) {
  test(`${kind}: header, human part and machine part say the same`, () => {
    const { top, text, html, groups } = read(inputOf(kind));
    assert.equal(top.fields.get("subject"), `${prefix}Offer`);
    assert.equal(top.fields.get("from"), '"Postrider" <postmaster@contoso.test>');
    assert.equal(top.fields.get("to"), "<alice@contoso.test>");
    assert.equal(top.fields.get("date"), "Thu, 5 Nov 2026 13:07:09 +0000");
    assert.equal(top.fields.get("in-reply-to"), "<offer@contoso.test>");
    assert.equal(top.fields.get("references"), "<offer@contoso.test>");
    assert.equal(top.fields.get("auto-submitted"), "auto-replied");
    assert.deepEqual(
      [...top.fields.keys()].filter((name) => name.startsWith("x-")),
      [],
    );
    const [message, recipient] = groups;
    assert.equal(message?.get("reporting-mta"), "dns;mail.contoso.test");
    assert.equal(message?.get("original-envelope-id"), "QQ314159");
    assert.equal(message?.get("arrival-date"), "Thu, 5 Nov 2026 09:30:00 +0000");
    assert.equal(recipient?.get("action"), kind);
    assert.equal(recipient?.get("final-recipient"), "rfc822;bob@fabrikam.test");
    assert.equal(recipient?.get("original-recipient"), "rfc822;robert@fabrikam.test");
    assert.equal(recipient?.get("status"), OUTCOMES[kind].status ?? "5.1.1");
    assert.equal(recipient?.has("will-retry-until"), kind === "delayed");
    for (const human of [text, html ?? ""]) {
      assert.match(human, /bob@fabrikam\.test/);
      assert.match(human, /Diagnostic information for administrators/);
      assert.match(human, /Generating server:/);
    }
  });
}

test("a failure shows the remote server, its words as they were, and what can be done", () => {
  const { text, html, groups } = read(FAILED);
  const words = "550 5.1.1 <bob@fabrikam.test>: no such user, ask <postmaster>";
  assert.equal(groups[1]?.get("diagnostic-code"), `smtp;${words}`);
  assert.equal(groups[1]?.get("remote-mta"), "dns;mx.fabrikam.test");
  assert.ok(text.includes(`Response: ${words}`));
  assert.ok(text.includes("Remote server: mx.fabrikam.test [198.51.100.9]"));
  assert.match(text, /What you can do: .*\r\nWho can fix it: /);
  assert.ok(html?.includes("ask &lt;postmaster&gt;"));
  assert.doesNotMatch(html ?? "", /<postmaster>/);
});

test("a delay says until when we try, and asks nothing of the reader", () => {
  const { text } = read(inputOf("delayed"));
  assert.match(text, /do not have to send it again/);
  assert.match(text, /keeps trying until Sat, 7 Nov 2026 09:30:00 \+0000/);
  assert.doesNotMatch(text, /What you can do/);
});

test("HTML can be switched off", () => {
  const { human } = read({ ...FAILED, html: false });
  assert.equal(human.type, "text/plain");
});

for (const [why, change, type] of [
  ["RET=FULL returns a failed message whole", {}, "message/rfc822"],
  ["RET=HDRS returns the header", { ret: "HDRS" }, "text/rfc822-headers"],
  ["without RET the header", { ret: undefined }, "text/rfc822-headers"],
  ["a delay returns the header", { kind: "delayed" }, "text/rfc822-headers"],
  ["a delivery returns the header", { kind: "delivered" }, "text/rfc822-headers"],
  [
    "too large, and so not at hand: the header",
    { original: original({ content: undefined }) },
    "text/rfc822-headers",
  ],
  [
    "BINARYMIME cannot be nested: the header",
    { original: original({ content: CONTENT, body: "BINARYMIME" }) },
    "text/rfc822-headers",
  ],
] as const) {
  test(`returned content: ${why}`, () => {
    const { returned } = read({
      ...FAILED,
      ret: "FULL",
      original: original({ content: CONTENT }),
      ...change,
    });
    assert.equal(returned.type, type);
    if (type === "message/rfc822") {
      assert.deepEqual(returned.body, Buffer.concat(CONTENT));
    } else {
      assert.doesNotMatch(returned.body.toString(), /X-MS-Exchange-Organization/);
      assert.equal(parseFields(returned.body.toString().trimEnd()).get("subject"), "Offer");
    }
  });
}

test("a whole message with 8-bit bytes goes back byte for byte, and is announced", () => {
  const content = [Buffer.from(`${HEADER}\r\nGr\u00fc\u00dfe\r\n`, "latin1")];
  const { returned, top } = read({
    ...FAILED,
    ret: "FULL",
    original: original({ content, body: "8BITMIME" }),
  });
  assert.deepEqual(returned.body, content[0]);
  assert.equal(top.fields.get("content-transfer-encoding"), "8bit");
  assert.equal(returned.fields.get("content-transfer-encoding"), "8bit");
});

test("RFC 6533: addresses beyond ASCII make the global types, such a sender SMTPUTF8", () => {
  const input = INTERNATIONAL;
  const { report, groups, returned } = read(input);
  assert.equal(report.type, "message/global-delivery-status");
  assert.equal(groups[1]?.get("final-recipient"), "utf-8;用户@fabrikam.test");
  assert.equal(groups[1]?.get("original-recipient"), "utf-8;用@x");
  assert.equal(groups[2]?.get("final-recipient"), "rfc822;bob@fabrikam.test");
  assert.equal(returned.type, "message/global-headers");
  assert.equal(returned.body.toString(), "Subject: Grüße\r\n");
  assert.equal(composeNotice(input).smtpUtf8, true);
  assert.equal(composeNotice({ ...input, sender: "alice@contoso.test" }).smtpUtf8, false);
});

test("a subject beyond ASCII is readable in the header of the notice", () => {
  const subject = `Grüße ${"日本語".repeat(60)}`;
  const { top, text } = read({ ...FAILED, original: original({ subject }) });
  assert.equal(top.fields.get("subject"), `Undeliverable: ${subject}`);
  assert.ok(text.includes(`Subject: ${subject}`));
});

test("a socket path of this machine is not shown to anybody", () => {
  const hop = { name: "", address: "/run/dovecot/lmtp" };
  const { bytes } = read(inputOf("failed", { recipients: [{ ...BOB, hop }] }));
  assert.doesNotMatch(bytes.toString(), /dovecot/);
});

test("thousands of recipients: people see the first, programs all", () => {
  const count = SHOWN_RECIPIENTS_MAX + 500;
  const recipients = Array.from({ length: count }, (_, index) => ({
    ...BOB,
    address: `user${index}@fabrikam.test`,
    status: index % 2 === 0 ? "5.1.1" : "5.2.2",
  }));
  const { text, groups } = read(inputOf("failed", { recipients }));
  assert.equal(groups.length, count + 1);
  assert.match(text, /and 500 more recipients/);
  assert.match(text, /user999@/);
  assert.doesNotMatch(text, /user1000@/);
  assert.equal(text.match(/mailbox is full/g)?.length, 1);
});

test("there is no notice for the null sender, by decision or by mistake", () => {
  assert.equal(noticeFor("failed", undefined, ""), false);
  for (const sender of ["", "<>"]) {
    assert.throws(() => composeNotice({ ...FAILED, sender }), /null sender/);
  }
});

const hostile = fc.string({
  unit: fc.constantFrom(..."\r\n\0\t\u001b\u202e\u2028<>&\"'()\\;:=?-_ é日😀aZ0\ud800"),
  maxLength: 60,
});
const hostileText = fc.oneof(
  hostile,
  hostile.map((text) => text.repeat(60)),
);

test("whatever was written outside, the notice parses, its lines short and clean", () => {
  const kinds = fc.constantFrom<NoticeKind>(
    "failed",
    "delayed",
    "relayed",
    "delivered",
    "expanded",
  );
  const bytes = fc.uint8Array({ maxLength: 200 });
  const texts = fc.array(hostileText, { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(kinds, texts, bytes, fc.boolean(), (kind, strings, header, smtpUtf8) => {
      const [diagnostic = "", subject = "", envid = "", name = "", orcpt = "", id = "", who = ""] =
        strings;
      const input = inputOf(kind, {
        envid,
        from: { name: who, address: "postmaster@contoso.test" },
        recipients: [
          {
            ...BOB,
            diagnostic,
            status: id,
            hop: { name, address: name },
            originalRecipient: { type: orcpt, address: orcpt },
          },
        ],
        original: original({ subject, internetMessageId: id, header, smtpUtf8 }),
      });
      const { bytes: whole, groups, text } = read(input);
      assert.equal(groups.length, 2);
      assert.equal(groups[1]?.get("action"), kind);
      assert.match(groups[1]?.get("status") ?? "", /^[245]\.\d{1,3}\.\d{1,3}$/);
      assert.doesNotMatch(text.replaceAll("\r\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
      for (const line of whole.toString("latin1").split("\r\n")) {
        assert.ok(line.length <= 998);
        assert.doesNotMatch(line, /[\r\n\0]/);
      }
    }),
    { numRuns: 400 },
  );
});
