import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreFailure } from "../../store/queue-store.ts";
import {
  CONNECTION,
  codeOf,
  MESSAGE,
  mail,
  onlySubmission,
  RELAY,
  rcpt,
  send,
  setUp,
} from "./receive-stage.fake.ts";
import { range, sampleConnector } from "./sample-organization.fake.ts";

test("an externally secured connector vouches for its clients", async () => {
  const stage = setUp({
    connector: sampleConnector({
      authMechanism: ["ExternalAuthoritative"],
      permissionGroups: ["ExchangeServers"],
    }),
  });
  const session = stage.session();
  assert.equal(session.options.messageBytesMax, Number.POSITIVE_INFINITY);
  assert.equal(session.options.tarpitMs, 0);
  assert.equal(session.options.startTls, false);
  await send(session, MESSAGE, { to: ["carol@elsewhere.test"] });
  assert.equal(onlySubmission(stage).message.origin.directionality, "Originating");
});

test("the session's options are the connector's", () => {
  const { options } = setUp().session();
  assert.equal(options.fqdn, "mail.contoso.test");
  assert.match(options.banner, /^mail\.contoso\.test Postrider ESMTP MAIL Service ready at /);
  assert.equal(options.postmasterAddress, "postmaster@contoso.test");
  assert.equal(options.startTls, true);
  assert.equal(options.messageBytesMax, 37_748_736);
  assert.equal(options.tarpitMs, 5000);
  const own = setUp({ connector: sampleConnector({ banner: "hello" }) }).session();
  assert.equal(own.options.banner, "hello");
});

test("without the right to submit, MAIL is refused", async () => {
  const stage = setUp({ connector: sampleConnector({ permissionGroups: ["ExchangeUsers"] }) });
  assert.equal(
    codeOf(await mail(stage.session(), "alice@fabrikam.test")),
    "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
  );
});

test("under back pressure MAIL is put off", async () => {
  const stage = setUp();
  const session = stage.session();
  stage.queue.admitting = false;
  assert.equal(
    codeOf(await mail(session, "alice@fabrikam.test")),
    "452 4.3.1 Insufficient system resources",
  );
  stage.queue.admitting = true;
  assert.equal(await mail(session, "alice@fabrikam.test"), undefined);
});

test("a sender that the principal may not use is refused", async () => {
  const stage = setUp({
    connector: sampleConnector({
      permissionGroups: ["Custom"],
      extendedRights: { AnonymousUsers: ["ms-Exch-SMTP-Submit"] },
    }),
  });
  assert.equal(
    codeOf(await mail(stage.session(), "alice@fabrikam.test")),
    "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
  );
  assert.equal(await mail(stage.session(), ""), undefined);
});

const NOT_FOUND =
  "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup";
const NO_RELAY = "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain";

for (const [recipient, anonymous, relay] of [
  ["bob@contoso.test", "ok", "ok"],
  ["BOB@Contoso.Test", "ok", "ok"],
  ["b.smith@contoso.test", "ok", "ok"],
  ["bob+tag@contoso.test", "ok", "ok"],
  ['"bob"@contoso.test', "ok", "ok"],
  ["postmaster@contoso.test", "ok", "ok"],
  ["nobody@contoso.test", NOT_FOUND, NOT_FOUND],
  ["nobody+bob@contoso.test", NOT_FOUND, NOT_FOUND],
  ["bob%fabrikam.test@contoso.test", NOT_FOUND, NOT_FOUND],
  ['"bob@fabrikam.test"@contoso.test', NOT_FOUND, NOT_FOUND],
  ["anybody@relay.test", "ok", "ok"],
  ["bob@fabrikam.test", NO_RELAY, "ok"],
  ["bob@FABRIKAM.test", NO_RELAY, "ok"],
  ["bob@[192.0.2.9]", NO_RELAY, "ok"],
] as const) {
  test(`RCPT ${recipient}`, async () => {
    for (const [connector, want] of [
      [sampleConnector(), anonymous],
      [RELAY, relay],
    ] as const) {
      const session = setUp({ connector }).session();
      await mail(session, "alice@fabrikam.test");
      assert.equal(await rcpt(session, recipient), want);
    }
  });
}

test("an accepted recipient needs no lookup where none is due", async () => {
  const stage = setUp({ connector: RELAY });
  const session = stage.session();
  await mail(session, "alice@fabrikam.test");
  await rcpt(session, "bob@fabrikam.test");
  await rcpt(session, "postmaster@relay.test");
  assert.equal(stage.directory.questionCount, 0);
  await rcpt(session, "bob+x@contoso.test");
  await rcpt(session, "anybody@relay.test");
  assert.deepEqual(stage.directory.lookups, [
    ["bob+x@contoso.test", "bob@contoso.test"],
    ["anybody@relay.test"],
  ]);
});

test("when the directory cannot answer, the recipient is put off, not the next", async () => {
  const stage = setUp();
  const session = stage.session();
  await mail(session, "alice@fabrikam.test");
  stage.directory.fail(new StoreFailure("no disk", { full: false }));
  assert.equal(
    await rcpt(session, "bob@contoso.test"),
    "451 4.3.0 Temporary server error. Please try again later",
  );
  stage.directory.fail(undefined);
  assert.equal(await rcpt(session, "bob@contoso.test"), "ok");
});

test("recipients are looked up in the organization of now, limits stay", async () => {
  const stage = setUp();
  const session = stage.session();
  await mail(session, "alice@fabrikam.test");
  assert.equal(await rcpt(session, "bob@fabrikam.test"), NO_RELAY);
  stage.change({ acceptedDomains: [], receiveConnectors: [] });
  assert.equal(await rcpt(session, "bob@contoso.test"), NO_RELAY);
  assert.equal(session.options.messageBytesMax, 37_748_736);
});

test("connections beyond the source's limit are told so; a closed one makes room", () => {
  const stage = setUp({ connector: sampleConnector({ maxInboundConnectionPerSource: 1 }) });
  const session = stage.session();
  const refused = stage.open(CONNECTION);
  assert.ok("code" in refused);
  assert.equal(
    codeOf(refused),
    "421 4.3.2 The maximum number of concurrent connections has exceeded a limit, " +
      "closing transmission channel",
  );
  session.closed("quit");
  assert.ok("mail" in stage.open(CONNECTION));
});

test("a connection that no connector serves is turned away", () => {
  const stage = setUp({
    connector: sampleConnector({ remoteIPRanges: [range("10.0.0.0-10.0.0.255")] }),
  });
  const refused = stage.open(CONNECTION);
  assert.ok("code" in refused);
  assert.equal(codeOf(refused), "421 4.3.2 Service not available, closing transmission channel");
  assert.equal(stage.counted.get("postrider_connections_refused_total:no_connector"), 1);
});

test("back pressure holds back the reply to MAIL as long as it says", async () => {
  const stage = setUp();
  stage.holdBack(10_000);
  let answered = false;
  const answer = Promise.resolve(mail(stage.session(), "alice@fabrikam.test")).then((verdict) => {
    answered = true;
    return verdict;
  });
  stage.clock.advance(9_999);
  await Promise.resolve();
  assert.equal(answered, false);
  stage.clock.advance(1);
  assert.equal(await answer, undefined);
});

test("LIMITS can be off", () => {
  for (const limitsExtensionEnabled of [true, false]) {
    const { options } = setUp({ connector: sampleConnector({ limitsExtensionEnabled }) }).session();
    assert.equal(options.extensions.limits, limitsExtensionEnabled);
  }
});
