import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readHeaderSection } from "../mail/header-section.ts";
import { formatAuthenticationResults, formatReceivedSpf } from "./results-header.ts";
import { NO_DMARC, type SenderAuthentication } from "./sender-authentication.ts";

const AT = { serverName: "mail.contoso.test", clientAddress: "192.0.2.7" };
const FOUND: SenderAuthentication = {
  spf: { result: "softfail", identity: "mailfrom", domain: "fabrikam.test" },
  dkim: [
    { result: "pass", domain: "fabrikam.test", selector: "s1", algorithm: "rsa-sha256" },
    { result: "permerror", domain: "", selector: 'a"b', algorithm: "" },
  ],
  dmarc: { ...NO_DMARC, result: "pass", domain: "fabrikam.test", policy: "reject" },
  arc: { result: "none" },
  iprev: { result: "pass", name: "mx.fabrikam.test" },
};

test("Authentication-Results has one line per method", () => {
  assert.equal(
    formatAuthenticationResults(FOUND, AT),
    [
      "Authentication-Results: mail.contoso.test;",
      " spf=softfail smtp.mailfrom=fabrikam.test;",
      " dkim=pass header.d=fabrikam.test header.s=s1 header.a=rsa-sha256;",
      ' dkim=permerror header.s="a\\"b";',
      " dmarc=pass policy.dmarc=reject header.from=fabrikam.test;",
      " arc=none;",
      " iprev=pass policy.iprev=192.0.2.7\r\n",
    ].join("\r\n"),
  );
  const none = formatAuthenticationResults({ ...FOUND, dkim: [], dmarc: NO_DMARC }, AT);
  assert.match(none, / dkim=none;\r\n dmarc=none;\r\n/);
});

test("Received-SPF names what was asked", () => {
  const at = { ...AT, clientAddress: "2001:db8::1", helo: "mx.fabrikam.test", sender: "a@b.test" };
  assert.equal(
    formatReceivedSpf(FOUND, at),
    [
      "Received-SPF: SoftFail",
      ' client-ip="2001:db8::1";',
      ' envelope-from="a@b.test";',
      " helo=mx.fabrikam.test;",
      " receiver=mail.contoso.test;",
      " identity=mailfrom\r\n",
    ].join("\r\n"),
  );
});

test("no text from the network leaves its place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      const found: SenderAuthentication = {
        ...FOUND,
        spf: { ...FOUND.spf, domain: text },
        dkim: [{ result: "fail", domain: text, selector: text, algorithm: text }],
        dmarc: { ...NO_DMARC, domain: text },
      };
      const at = { ...AT, clientAddress: text, helo: text, sender: text };
      for (const field of [formatAuthenticationResults(found, at), formatReceivedSpf(found, at)]) {
        const bytes = Buffer.from(field);
        assert.deepEqual(readHeaderSection(bytes).fields.length, 1);
        assert.equal(readHeaderSection(bytes).end, bytes.length);
        for (const line of field.split("\r\n")) assert.match(line, /^[ -~]{0,998}$/);
        // Outside quotes nothing but what we have written.
        const bare = field.replace(/"(?:[^"\\]|\\.)*"/g, "");
        assert.doesNotMatch(bare, /["\\]/);
      }
    }),
  );
});
