import assert from "node:assert/strict";
import { test } from "node:test";
import { address } from "../../mail/address.fake.ts";
import { openOutgoing } from "../../mail/outgoing-content.ts";
import { organizationOf } from "../../org/sample-objects.fake.ts";
import { createAddressRewriter } from "./address-rewriter.ts";
import { inboundRewritingAgent, rewriteHeaderFields } from "./inbound-rewriting-agent.ts";

const organization = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
addressRewriteEntries:
  - { name: a, internalAddress: alice@contoso.test, externalAddress: info@outside.test }
  - { name: d, internalAddress: contoso.test, externalAddress: outside.test }
`);
const { inbound } = createAddressRewriter(organization.addressRewriteEntries);

test("To and Cc are rewritten, and no other octet of the message", async () => {
  const header = [
    "Received: for <info@outside.test>",
    "To: info@outside.test,",
    " =?utf-8?q?B=C3=B6b?= <Bob@Outside.test>",
    "From: info@outside.test",
    "cc: x@example.test",
    "CC: \xe4 <c@outside.test>",
    "Bcc: c@outside.test",
    "Message-ID: <1@outside.test>",
    "",
    "To: info@outside.test\r\n",
  ].join("\r\n");
  const bytes = Buffer.from(header, "latin1");
  const edits = rewriteHeaderFields(bytes, inbound);
  const source = {
    bytes: bytes.length,
    peek: (index: number) => (index === 0 ? bytes : undefined),
    read: async () => undefined,
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of openOutgoing(source, edits)) pieces.push(piece);
  const want = header
    .replace("To: info@outside.test", "To: alice@contoso.test")
    .replace("Bob@Outside.test", "Bob@contoso.test")
    .replace("<c@outside.test>", "<c@contoso.test>");
  assert.equal(Buffer.concat(pieces).toString("latin1"), want);
});

test("RCPT is rewritten; without entries for the way in nobody is heard", () => {
  const agent = inboundRewritingAgent();
  const rewrite = (text: string) => agent.rewriteRecipient?.(address(text), organization);
  assert.equal(rewrite("INFO@outside.test"), "alice@contoso.test");
  assert.equal(rewrite("bob@outside.test"), "bob@contoso.test");
  assert.equal(rewrite("bob@contoso.test"), undefined);
});
