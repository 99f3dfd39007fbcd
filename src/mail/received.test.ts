import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "./address.ts";
import { HeaderScanner } from "./header.ts";
import { formatReceived, type ReceivedFacts } from "./received.ts";
import { receivedByHost } from "./received-host.ts";

const FACTS: ReceivedFacts = {
  helo: "client.example",
  clientAddress: "192.0.2.1",
  serverName: "mail.contoso.test",
  serverAddress: "192.0.2.25",
  extended: true,
  smtpUtf8: false,
  authenticated: false,
  frontend: false,
  tls: undefined,
  id: 4711,
  recipient: parseAddress("bob@contoso.test", { smtpUtf8: false }),
  date: "Fri, 5 Aug 2016 16:24:41 -0700",
};
const TLS = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" };

test("a field in full", () => {
  assert.equal(
    formatReceived({ ...FACTS, tls: TLS }),
    "Received: from client.example ([192.0.2.1])\r\n" +
      "\tby mail.contoso.test ([192.0.2.25]) with ESMTPS\r\n" +
      "\t(version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)\r\n" +
      "\tid 4711 for <bob@contoso.test>;\r\n" +
      "\tFri, 5 Aug 2016 16:24:41 -0700\r\n",
  );
});

for (const [extended, smtpUtf8, tls, authenticated, want] of [
  [false, false, undefined, false, " with SMTP\r\n"],
  [false, false, undefined, true, " with SMTP\r\n"],
  [true, false, undefined, false, " with ESMTP\r\n"],
  [true, false, undefined, true, " with ESMTPA\r\n"],
  [true, false, TLS, false, " with ESMTPS\r\n"],
  [true, false, TLS, true, " with ESMTPSA\r\n"],
  [true, true, undefined, false, " with UTF8SMTP\r\n"],
  [true, true, undefined, true, " with UTF8SMTPA\r\n"],
  [true, true, TLS, false, " with UTF8SMTPS\r\n"],
  [true, true, TLS, true, " with UTF8SMTPSA\r\n"],
] as const) {
  test(`transmission type${want.trimEnd()}${authenticated ? ", logged on" : ""}`, () => {
    const text = formatReceived({ ...FACTS, extended, smtpUtf8, tls, authenticated });
    assert.ok(text.includes(want), text);
  });
}

test("a frontend connector is named as a comment", () => {
  const text = formatReceived({ ...FACTS, frontend: true });
  assert.ok(text.includes("id 4711 (via Frontend Transport) for <bob@contoso.test>;"));
  assert.equal(receivedByHost(text.slice("Received:".length)), "mail.contoso.test");
});

test("several recipients are not named", () => {
  assert.ok(!formatReceived({ ...FACTS, recipient: undefined }).includes(" for "));
});

test("IPv6 addresses are literals", () => {
  const text = formatReceived({ ...FACTS, clientAddress: "2001:db8::1", serverAddress: "::1" });
  assert.ok(text.includes("([IPv6:2001:db8::1])"));
  assert.ok(text.includes("([IPv6:::1])"));
});

test("whatever the client says, the field is one field that names our host", () => {
  const text = fc.string({ unit: "binary", maxLength: 2000 });
  fc.assert(
    fc.property(text, text, (helo, cipher) => {
      const field = formatReceived({ ...FACTS, helo, tls: { version: "TLSv1.3", cipher } });
      const scanner = new HeaderScanner({ bytesMax: 5000, fieldsMax: 10, localHosts: [] });
      scanner.write(Buffer.from(`${field}\r\n`));
      assert.equal(scanner.summary().receivedCount, 1);
      assert.equal(scanner.summary().bytes, Buffer.byteLength(field));
      for (const line of field.split("\r\n"))
        assert.ok(line.length <= 998 && !/[\r\n\0]/.test(line));
      assert.equal(receivedByHost(field.slice("Received:".length)), "mail.contoso.test");
    }),
  );
});
