import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleAcceptedDomain } from "../../org/sample-objects.fake.ts";
import { MachineTalk } from "./machine-talk.fake.ts";
import { setUp } from "./receive-stage.fake.ts";
import { sampleOrganization } from "./sample-organization.fake.ts";

/** Ways to have a server send mail where it must not; every one of them has been an open relay. */
const RECIPIENTS = [
  ["plainly", "victim@fabrikam.test"],
  ["percent hack", "victim%fabrikam.test@contoso.test"],
  ["percent hack, twice", "victim%a.test%fabrikam.test@contoso.test"],
  ["percent hack at a literal of ours", "victim%fabrikam.test@[192.0.2.25]"],
  ["percent hack at another's literal", "victim%contoso.test@[198.51.100.1]"],
  ["quoted local part", '"victim@fabrikam.test"@contoso.test'],
  ["quoted local part, not ours", '"victim@contoso.test"@fabrikam.test'],
  ["quoted, with a route", '"@fabrikam.test:victim"@contoso.test'],
  ["a quoted local part alone", '"victim@fabrikam.test"'],
  ["bang path", "fabrikam.test!victim@contoso.test"],
  ["bang path alone", "fabrikam.test!victim"],
  ["bang path, not ours", "contoso.test!victim@fabrikam.test"],
  ["source route", "@contoso.test:victim@fabrikam.test"],
  ["source route over two", "@contoso.test,@relay.test:victim@fabrikam.test"],
  ["source route over a literal", "@[192.0.2.25]:victim@fabrikam.test"],
  ["source route without its at", "contoso.test:victim@fabrikam.test"],
  ["two ats", "victim@fabrikam.test@contoso.test"],
  ["our domain first", "victim@contoso.test@fabrikam.test"],
  ["literal of ours", "victim@[192.0.2.25]"],
  ["literal of ours, IPv6", "victim@[IPv6:2001:db8::25]"],
  ["literal of ours, mapped", "victim@[IPv6:::ffff:192.0.2.25]"],
  ["another's literal", "victim@[198.51.100.1]"],
  ["another's literal without brackets", "victim@198.51.100.1"],
  ["loopback", "victim@[127.0.0.1]"],
  ["subdomain", "victim@sub.contoso.test"],
  ["our domain as a prefix", "victim@contoso.test.fabrikam.test"],
  ["our domain as a suffix of a label", "victim@xcontoso.test"],
  ["parent", "victim@test"],
  ["trailing dot", "victim@fabrikam.test."],
  ["two trailing dots at ours", "bob@contoso.test.."],
  ["mixed case", "Victim@FABRIKAM.Test"],
  ["U-label of another", "victim@bücher.test"],
  ["A-label of another", "victim@xn--bcher-kva.test"],
  ["a dot that only Unicode has", "victim@fabrikam。test"],
  ["full-width letters of ours", "victim%fabrikam.test@ｃｏｎｔｏｓｏ.test"],
  ["a comment", "victim@fabrikam.test(@contoso.test)"],
  ["white space", "victim@fabrikam.test @contoso.test"],
  ["a NUL", "victim@fabrikam.test\0@contoso.test"],
  ["no domain", "victim"],
  ["empty", ""],
] as const;

const SENDERS = ["", "x@fabrikam.test", "bob@contoso.test", "x@[192.0.2.25]"] as const;
const ORGANIZATION = sampleOrganization({
  acceptedDomains: [
    sampleAcceptedDomain("contoso.test", { default: true }),
    sampleAcceptedDomain("relay.test", { domainType: "InternalRelay" }),
    sampleAcceptedDomain("xn--gro-7ka.test"),
  ],
});

/** Where in a session the attempt is made. */
const APPROACHES: Readonly<Record<string, readonly string[]>> = {
  "at once": [],
  "after RSET": ["MAIL FROM:<>", "RCPT TO:<bob@contoso.test>", "RSET"],
  "after another EHLO": ["MAIL FROM:<>", "RCPT TO:<bob@contoso.test>", "EHLO again.test"],
  "after STARTTLS": ["STARTTLS", "EHLO client.test"],
  "in a second transaction": [
    ...["MAIL FROM:<>", "RCPT TO:<bob@contoso.test>", "DATA"],
    ...["Subject: x", "", "."],
  ],
};

async function attempt(approach: readonly string[], sender: string, recipient: string) {
  const { acceptedDomains } = ORGANIZATION;
  const stage = setUp({ organization: { acceptedDomains } });
  const talk = new MachineTalk(stage.session());
  await talk.say("EHLO client.test");
  for (const line of approach) await talk.say(line);
  const utf8 = /[^\0-\x7f]/.test(recipient) ? " SMTPUTF8" : "";
  await talk.say(`MAIL FROM:<${sender}>${utf8}`);
  return talk.say(`RCPT TO:<${recipient}>`);
}

for (const [why, recipient] of RECIPIENTS) {
  test(`no open relay: ${why}`, async () => {
    for (const [where, approach] of Object.entries(APPROACHES)) {
      for (const sender of SENDERS) {
        const reply = await attempt(approach, sender, recipient);
        assert.match(reply, /^5\d\d /, `${where} from <${sender}>`);
      }
    }
  });
}

/** What must still be taken, or the above proves nothing. */
for (const recipient of [
  "bob@contoso.test",
  "BOB@CONTOSO.TEST",
  '"bob"@contoso.test',
  "bob+x@contoso.test",
  "@fabrikam.test:bob@contoso.test",
  "bob@CONTOSO.test",
  "anybody@relay.test",
  "Postmaster",
  "postmaster@groß.test",
]) {
  test(`ours is taken: ${recipient}`, async () => {
    for (const approach of Object.values(APPROACHES)) {
      assert.match(await attempt(approach, "x@fabrikam.test", recipient), /^250 2\.1\.5 /);
    }
  });
}

test("who may not relay is told so in Exchange's words", async () => {
  assert.equal(
    await attempt([], "x@fabrikam.test", "victim@fabrikam.test"),
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
  );
});
