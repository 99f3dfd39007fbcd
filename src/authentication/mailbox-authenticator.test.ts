import assert from "node:assert/strict";
import { test } from "node:test";

import type { GssapiAcceptor } from "../sasl/mechanism.ts";
import { formatLogon } from "./authenticator.ts";
import {
  ALICE,
  BY_PASSWORD,
  begin,
  logOn,
  logOnPlain,
  OPEN_CONNECTOR,
  outcomeOf,
  PASSWORD,
  passwordOf,
  SAMPLE_USERS,
  setLogonStage,
  somewhere,
  TLS,
} from "./logon-stage.fake.ts";

const stage = await setLogonStage(SAMPLE_USERS);

/** -PLUS binds; without it a client that knows of -PLUS says so, and is an attacked one. */
function placeOf(mechanism: string) {
  return mechanism.startsWith("SCRAM") && !mechanism.endsWith("PLUS")
    ? { ...somewhere(), tls: undefined }
    : somewhere();
}

for (const mechanism of BY_PASSWORD) {
  for (const [why, user, text, want] of [
    ["the right password", ALICE, PASSWORD, `${ALICE} by ${mechanism}`],
    ["another of his addresses", "A.SMITH@contoso.test", PASSWORD, `${ALICE} by ${mechanism}`],
    ["a bare name", "alice", PASSWORD, `${ALICE} by ${mechanism}`],
    ["a Windows name", "SALES\\alice", PASSWORD, `${ALICE} by ${mechanism}`],
    ["a wrong password", ALICE, "wrong", "credentials"],
    ["an unknown user", "nobody@contoso.test", PASSWORD, "credentials"],
    ["a foreign domain", "alice@fabrikam.test", PASSWORD, "credentials"],
    ["somebody else's password", "carol@contoso.test", PASSWORD, "credentials"],
    ["a mailbox without a password", "info@contoso.test", PASSWORD, "credentials"],
    ["a mailbox that may not log on", "bob@contoso.test", PASSWORD, "credentials"],
    ["a revoked app password", ALICE, "toner low", "credentials"],
  ] as const) {
    test(`${mechanism}: ${why}`, async () => {
      const step = await logOn(
        stage.authenticator,
        mechanism,
        passwordOf(user, text),
        placeOf(mechanism),
      );
      assert.equal(outcomeOf(step), want);
    });
  }
}

test("an app password works like any other, with its limits and its name", async () => {
  for (const mechanism of BY_PASSWORD) {
    const credential = passwordOf("alice", "paper jam");
    const step = await logOn(stage.authenticator, mechanism, credential, placeOf(mechanism));
    assert.equal(outcomeOf(step), `${ALICE} (Scanner, 3rd floor) by ${mechanism}`);
    assert.ok(step.kind === "succeeded");
    assert.deepEqual(step.logon.appPassword, {
      name: "Scanner, 3rd floor",
      senders: ["scan@contoso.test"],
      messagesPerHour: 60,
    });
    assert.equal(formatLogon(step.logon), `${ALICE} (Scanner, 3rd floor)`);
    assert.equal(step.logon.mailbox.primarySmtpAddress, "Alice@contoso.test");
  }
  for (const mechanism of BY_PASSWORD) {
    const credential = passwordOf("device@contoso.test", "kilowatt");
    const step = await logOn(stage.authenticator, mechanism, credential, placeOf(mechanism));
    assert.equal(outcomeOf(step), `device@contoso.test (Meter) by ${mechanism}`);
  }
});

test("NTLM needs ntlmEnabled", async () => {
  const credential = passwordOf("carol@contoso.test", "staple");
  assert.equal(
    outcomeOf(await logOn(stage.authenticator, "NTLM", credential, somewhere())),
    "credentials",
  );
  assert.equal(
    outcomeOf(await logOn(stage.authenticator, "PLAIN", credential, somewhere())),
    "carol@contoso.test by PLAIN",
  );
});

for (const [authorize, want] of [
  ["", `${ALICE} by PLAIN`],
  ["alice", `${ALICE} by PLAIN`],
  ["A.Smith@CONTOSO.TEST", `${ALICE} by PLAIN`],
  ["carol@contoso.test", "credentials"],
  ["not an address", "credentials"],
] as const) {
  test(`PLAIN to act as "${authorize}"`, async () => {
    const exchange = begin(stage.authenticator, "PLAIN", somewhere());
    const step = await exchange.next(Buffer.from(`${authorize}\0alice\0${PASSWORD}`));
    assert.equal(outcomeOf(step), want);
  });
}

test("what is not offered does not work, whoever asks", async () => {
  const connector = {
    ...OPEN_CONNECTOR,
    authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"] as const,
  };
  const clear = { connector, tls: undefined };
  assert.equal(
    outcomeOf(await logOnPlain(stage.authenticator, ALICE, PASSWORD, clear)),
    "malformed",
  );
  const ntlm = await logOn(stage.authenticator, "NTLM", passwordOf(ALICE), { connector });
  assert.equal(outcomeOf(ntlm), "malformed");
  const tls = { ...somewhere(), connector };
  assert.equal((await logOnPlain(stage.authenticator, ALICE, PASSWORD, tls)).kind, "succeeded");
});

test("a -PLUS that was struck from the offer on its way is noticed", async () => {
  const exchange = begin(stage.authenticator, "SCRAM-SHA-256", somewhere());
  const step = await exchange.next(Buffer.from("y,,n=alice,r=abc"));
  assert.notEqual(step.kind, "challenge");
  const bound = await logOn(
    stage.authenticator,
    "SCRAM-SHA-256-PLUS",
    passwordOf(ALICE),
    somewhere(),
  );
  assert.equal(bound.kind, "succeeded");
});

/** Kerberos that says who the client is after one token. */
function acceptorOf(principal: string): GssapiAcceptor {
  return {
    open: async () => ({
      accept: async () => ({ ok: true, token: Buffer.alloc(0), principal, channelBound: true }),
      wrap: async (message) => message,
      unwrap: async (message) => message,
      close() {},
    }),
  };
}

for (const [principal, authorize, want] of [
  ["alice@CONTOSO.TEST", "", `${ALICE} by GSSAPI`],
  ["alice@SALES.CONTOSO.TEST", "alice@contoso.test", `${ALICE} by GSSAPI`],
  ["alice@CONTOSO.TEST", "carol", "credentials"],
  ["alice@FABRIKAM.TEST", "", "credentials"],
  ["alice@contoso.test", "", "credentials"],
  ["bob@CONTOSO.TEST", "", "credentials"],
  ["host/alice@CONTOSO.TEST", "", "credentials"],
  ["nobody@CONTOSO.TEST", "", "credentials"],
] as const) {
  test(`GSSAPI: ${principal} as "${authorize}"`, async () => {
    const { authenticator } = await setLogonStage(SAMPLE_USERS, { gssapi: acceptorOf(principal) });
    const exchange = begin(authenticator, "GSSAPI");
    await exchange.next(Buffer.from("ticket"));
    const choice = Buffer.concat([Buffer.of(1, 0, 0, 0), Buffer.from(authorize)]);
    assert.equal(outcomeOf(await exchange.next(choice)), want);
  });
}

const CERTIFICATE = {
  subject: "CN=Alice",
  issuer: "CN=Contoso CA",
  dnsNames: [],
  emailAddresses: ["nobody@contoso.test", "A.Smith@contoso.test"],
  fingerprint: Array.from({ length: 32 }, () => "AB").join(":"),
  verified: true,
  fault: undefined,
};

for (const [why, certificate, authorize, want] of [
  ["by its address", CERTIFICATE, "", `${ALICE} by EXTERNAL`],
  ["by its address, as himself", CERTIFICATE, "alice", `${ALICE} by EXTERNAL`],
  ["as somebody else", CERTIFICATE, "carol@contoso.test", "credentials"],
  ["of nobody", { ...CERTIFICATE, emailAddresses: [] }, "", "credentials"],
  ["self-made", { ...CERTIFICATE, verified: false, fault: "self-signed" }, "", "credentials"],
  [
    "of one who may not",
    { ...CERTIFICATE, emailAddresses: ["bob@contoso.test"] },
    "",
    "credentials",
  ],
  ["none", undefined, "", "credentials"],
] as const) {
  test(`EXTERNAL: a certificate ${why}`, async () => {
    const tls = { ...TLS, ...(certificate && { peerCertificate: certificate }) };
    const exchange = begin(stage.authenticator, "EXTERNAL", { ...somewhere(), tls });
    assert.equal(outcomeOf(await exchange.next(Buffer.from(authorize))), want);
  });
}
