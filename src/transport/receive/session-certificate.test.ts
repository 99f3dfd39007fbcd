import assert from "node:assert/strict";
import { test } from "node:test";
import { address, domain } from "../../mail/address.fake.ts";
import type { PeerCertificateFacts } from "../../smtp/session-handler.ts";
import { HEADER, send, stageOf, talkTo } from "./identity-stage.fake.ts";
import { onlySubmission, outgoing } from "./receive-stage.fake.ts";
import { sampleConnector, sampleOrganization } from "./sample-organization.fake.ts";

const CERTIFICATE: PeerCertificateFacts = {
  subject: "CN=mail.fabrikam.test",
  issuer: "CN=Test CA",
  dnsNames: ["mail.fabrikam.test", "fabrikam.test"],
  emailAddresses: [],
  fingerprint: "00",
  verified: true,
  fault: undefined,
};
const NAMES = [{ issuer: undefined, subject: "CN=mail.fabrikam.test" }];
const { transportConfig: CONFIG } = sampleOrganization();

test("Domain Security: a listed domain needs a certificate that bears it", async () => {
  const connector = sampleConnector({
    permissionGroups: ["AnonymousUsers", "Partners"],
    domainSecureEnabled: true,
  });
  const transportConfig = { ...CONFIG, tlsReceiveDomainSecureList: [domain("fabrikam.test")] };
  const organization = { transportConfig };
  const sendWith = async (certificate: PeerCertificateFacts | undefined, from: string) => {
    const stage = stageOf(connector, { organization });
    const reply = await send(await talkTo(stage, certificate), from);
    const [submission] = stage.queue.submissions;
    const { authAs = "Anonymous" } = submission?.message.origin ?? { authAs: "nobody" };
    return `${reply.slice(0, 9)} ${authAs}`;
  };
  const from = "x@fabrikam.test";
  assert.equal(await sendWith(CERTIFICATE, from), "250 2.6.0 Partner");
  assert.equal(await sendWith(undefined, from), "454 4.7.5 nobody");
  assert.equal(await sendWith({ ...CERTIFICATE, verified: false }, from), "454 4.7.5 nobody");
  const other = { ...CERTIFICATE, dnsNames: ["mail.fabrikam.test"] };
  assert.equal(await sendWith(other, from), "454 4.7.5 nobody");
  assert.equal(await sendWith(undefined, "x@elsewhere.test"), "250 2.6.0 Anonymous");
});

const SERVER_DOOR = sampleConnector({
  authMechanism: ["Tls", "ExchangeServer"],
  permissionGroups: ["AnonymousUsers", "ExchangeServers"],
});
const SERVERS = { transportConfig: { ...CONFIG, exchangeServerCertificateNames: NAMES } };

test("our own server is known by its certificate, and believed in what it says", async () => {
  const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
  const talk = await talkTo(stage, CERTIFICATE);
  assert.equal(talk.handler.options.messageBytesMax, Number.POSITIVE_INFINITY);
  assert.equal(talk.handler.tls?.requestsCertificate, true);
  const said = "X-MS-Exchange-Organization-AuthAs: Anonymous";
  const header = `${said}\r\nFrom: alice@contoso.test\r\n${HEADER}`;
  assert.match(await send(talk, "alice@contoso.test", { header }), /^250 2\.6\.0 /);
  assert.equal(onlySubmission(stage).message.origin.authAs, undefined, "that is: Anonymous");
  assert.equal(outgoing(stage).split(said).length, 2, "it is there once");
});

test("of others nothing of the kind is believed", async () => {
  const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
  const talk = await talkTo(stage);
  const said = "X-MS-Exchange-Organization-AuthAs: Internal";
  await send(talk, "x@fabrikam.test", { header: `${said}\r\n${HEADER}` });
  assert.equal(onlySubmission(stage).message.origin.authAs, undefined, "that is: Anonymous");
  assert.ok(!outgoing(stage).includes(said));
});

test("AUTH= is a server's to say; of others it is passed on as nobody", async () => {
  const submitterOf = async (certificate: PeerCertificateFacts | undefined) => {
    const stage = stageOf(SERVER_DOOR, { organization: SERVERS });
    const { handler } = await talkTo(stage, certificate);
    const facts = { helo: "x.test", extended: true, tls: undefined };
    const none = { originalRecipient: undefined, notify: undefined };
    const envelope = { body: "7BIT", smtpUtf8: false, ret: undefined, envid: undefined } as const;
    const sender = address("x@fabrikam.test");
    await handler.mail(facts, { ...envelope, sender, submitter: "y@fabrikam.test" }, undefined);
    await handler.rcpt(facts, { address: address("bob@contoso.test"), ...none });
    const sink = handler.beginContent(facts);
    assert.ok("end" in sink);
    await sink.write(Buffer.from("Subject: x\r\n\r\n"));
    await sink.end();
    return onlySubmission(stage).message.envelope.submitter;
  };
  assert.equal(await submitterOf(CERTIFICATE), "y@fabrikam.test");
  assert.equal(await submitterOf(undefined), "");
});
