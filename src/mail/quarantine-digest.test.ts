import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { composeQuarantineDigest, type QuarantineDigest } from "./quarantine-digest.ts";

const ENTRY = {
  subject: "Grüße",
  from: "ann@fabrikam.test",
  receivedMs: 0,
  type: "Spam",
  expiresMs: 30 * 86_400_000,
  links: {
    view: "https://mail.contoso.test/quarantine/T",
    release: "https://mail.contoso.test/quarantine/T/release",
    allow: "https://mail.contoso.test/quarantine/T/allow",
  },
};

function digest(changes: Partial<QuarantineDigest> = {}): QuarantineDigest {
  return {
    from: "postmaster@contoso.test",
    to: "bob@contoso.test",
    subject: "Messages for you in quarantine",
    messageId: "<1@mail.contoso.test>",
    nowMs: 0,
    entries: [ENTRY],
    count: 1,
    boundaryKey: "k1",
    ...changes,
  };
}

test("a digest says in text and HTML what is kept, with its links", async () => {
  const bytes = composeQuarantineDigest(digest({ count: 7 }));
  for (const line of bytes.toString("latin1").split("\r\n")) assert(line.length <= 998);
  const mail = await PostalMime.parse(bytes);
  assert.equal(mail.from?.address, "postmaster@contoso.test");
  assert.equal(mail.headers.find(({ key }) => key === "auto-submitted")?.value, "auto-generated");
  for (const body of [mail.text ?? "", mail.html ?? ""]) {
    for (const link of Object.values(ENTRY.links)) assert(body.includes(link));
    assert.match(body, /Grüße/);
    assert.match(body, /There are 6 more/);
  }
});

test("what a stranger wrote is words, neither markup nor a link", async () => {
  const subject = '<img src=x onerror=alert(1)>"\r\nhttps://evil.test/ www.evil.test \u202egpj';
  const mail = await PostalMime.parse(
    composeQuarantineDigest(digest({ entries: [{ ...ENTRY, subject, from: "<a href=x>" }] })),
  );
  assert.doesNotMatch(mail.html ?? "", /<img|<a href=x|\u202e/);
  for (const body of [mail.text ?? "", mail.html ?? ""]) {
    assert.doesNotMatch(body, /https:\/\/evil|www\.evil/);
  }
});

test("whatever the words are, the mail stays one of two parts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), fc.string(), async (subject, from) => {
      const entries = [{ ...ENTRY, subject, from }];
      const bytes = composeQuarantineDigest(digest({ entries, subject }));
      const mail = await PostalMime.parse(bytes);
      assert(mail.text?.includes(ENTRY.links.release));
      assert(mail.html?.includes(ENTRY.links.release));
      assert.equal(mail.to?.length, 1);
    }),
    { numRuns: 50 },
  );
});
