import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MINUTE, SECOND } from "../base/units.ts";
import type { MechanismName } from "../sasl/mechanism.ts";
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
} from "./logon-stage.fake.ts";

const stage = await setLogonStage(SAMPLE_USERS);

for (const [why, user, text] of [
  ["the right password", ALICE, PASSWORD],
  ["a wrong one", ALICE, "wrong"],
  ["an app password", ALICE, "paper jam"],
  ["an unknown user", "nobody@contoso.test", "wrong"],
  ["a name that nobody can have", "no body", "wrong"],
  ["a mailbox without a password", "info@contoso.test", "wrong"],
  ["a mailbox that may not log on", "bob@contoso.test", PASSWORD],
] as const) {
  test(`one hash is calculated for ${why}`, async () => {
    const before = stage.calculations.length;
    await logOnPlain(stage.authenticator, user, text, somewhere());
    assert.equal(stage.calculations.length - before, 1);
  });
}

test("an unknown user and a wrong password fail in the same words", async () => {
  for (const mechanism of BY_PASSWORD.filter((name) => !name.startsWith("SCRAM"))) {
    const [unknown, wrong] = [
      await logOn(stage.authenticator, mechanism, passwordOf("nobody@contoso.test"), somewhere()),
      await logOn(stage.authenticator, mechanism, passwordOf(ALICE, "wrong"), somewhere()),
    ];
    assert.deepEqual(unknown, wrong);
  }
});

test("SCRAM shows an unknown user a salt that stays, and as much work as a known one", async () => {
  const firstOf = async (user: string): Promise<string> => {
    const exchange = begin(stage.authenticator, "SCRAM-SHA-256", { tls: undefined });
    const step = await exchange.next(Buffer.from(`n,,n=${user},r=abc`));
    assert.ok(step.kind === "challenge");
    return Buffer.from(step.bytes)
      .toString()
      .replace(/^r=[^,]*,/, "");
  };
  const unknown = await firstOf("nobody");
  assert.equal(await firstOf("NOBODY@contoso.test"), unknown);
  assert.notEqual(await firstOf("nobody2"), unknown);
  const shape = (text: string) => text.replace(/s=[^,]*/, (salt) => `s=${salt.length}`);
  assert.equal(shape(await firstOf("alice")), shape(unknown));
});

test("who guesses is held back on every thread, unread, even with the right password", async () => {
  const { authenticator, otherThread, calculations, clock, counted } =
    await setLogonStage(SAMPLE_USERS);
  for (let count = 0; count < 5; count += 1) {
    assert.equal(outcomeOf(await logOnPlain(authenticator, "alice", "wrong")), "credentials");
  }
  assert.equal(calculations.length, 5);
  for (const mechanism of BY_PASSWORD.filter((name) => !/SHA-(1|256)$/.test(name))) {
    const step = await logOn(otherThread, mechanism, passwordOf(ALICE));
    assert.equal(outcomeOf(step), "locked", mechanism);
  }
  assert.equal(calculations.length, 5);
  assert.equal(counted.get("postrider_logons_total:password_held"), 2);
  assert.equal(counted.get("postrider_logons_total:password_failed"), 5);
  const elsewhere = await logOnPlain(otherThread, "alice", PASSWORD, { remoteAddress: "10.0.0.1" });
  assert.equal(elsewhere.kind, "succeeded");
  clock.advance(31 * SECOND);
  assert.equal((await logOnPlain(authenticator, ALICE, PASSWORD)).kind, "succeeded");
});

test("an unknown user is held back in the same way", async () => {
  const { authenticator, calculations } = await setLogonStage(SAMPLE_USERS);
  const outcomes: string[] = [];
  for (let count = 0; count < 7; count += 1) {
    outcomes.push(outcomeOf(await logOnPlain(authenticator, "nobody", "wrong")));
  }
  assert.deepEqual(outcomes.slice(4), ["credentials", "locked", "locked"]);
  assert.equal(calculations.length, 5);
});

test("a hundred guesses at once are not more than five", async () => {
  const { authenticator } = await setLogonStage(SAMPLE_USERS);
  const guesses = Array.from({ length: 20 }, (_, count) => `guess ${count}`);
  const steps = await Promise.all(
    [...guesses, PASSWORD].map((guess) => logOnPlain(authenticator, ALICE, guess)),
  );
  const outcomes = steps.map(outcomeOf);
  assert.equal(outcomes.filter((outcome) => outcome === "credentials").length, 5);
  // The right one among them is told the same as the wrong ones that come as late.
  assert.deepEqual([...new Set(outcomes.slice(10))], ["locked"]);
});

test("SCRAM shows who is held back the salt that it has shown before", async () => {
  const { authenticator } = await setLogonStage(SAMPLE_USERS);
  for (const user of [ALICE, "nobody@contoso.test"]) {
    const saltOf = async (): Promise<string | undefined> => {
      const exchange = begin(authenticator, "SCRAM-SHA-256", { tls: undefined });
      const step = await exchange.next(Buffer.from(`n,,n=${user},r=abc`));
      assert.ok(step.kind === "challenge");
      exchange.cancel();
      return /s=[^,]*/.exec(Buffer.from(step.bytes).toString())?.[0];
    };
    const salt = await saltOf();
    for (let count = 0; count < 6; count += 1) await logOnPlain(authenticator, user, "wrong");
    assert.equal(await saltOf(), salt, user);
    const step = await logOn(authenticator, "SCRAM-SHA-256", passwordOf(ALICE));
    if (user === ALICE) assert.equal(outcomeOf(step), "locked");
  }
});

test("a user who is attacked from everywhere waits a little where he is new", async () => {
  const { authenticator, clock, calculations } = await setLogonStage(SAMPLE_USERS);
  const home = { remoteAddress: "203.0.113.5" };
  assert.equal((await logOnPlain(authenticator, ALICE, PASSWORD, home)).kind, "succeeded");
  for (let host = 0; host < 60; host += 1) {
    const trying = logOn(authenticator, "NTLM", passwordOf(ALICE, "wrong"), {
      remoteAddress: `10.1.${host}.1`,
    });
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    clock.advance(10 * SECOND);
    await trying;
  }
  const before = calculations.length;
  const late = logOnPlain(authenticator, ALICE, PASSWORD, { remoteAddress: "198.51.100.9" });
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  assert.equal(calculations.length, before, "not looked at yet");
  clock.advance(8 * SECOND);
  assert.equal((await late).kind, "succeeded");
  assert.equal((await logOnPlain(authenticator, ALICE, PASSWORD, home)).kind, "succeeded");
});

test("more logons at once than there is memory for are told to come back", async () => {
  const { authenticator, calculations } = await setLogonStage(SAMPLE_USERS);
  const steps = await Promise.all(
    Array.from({ length: 120 }, (_, host) =>
      logOnPlain(authenticator, `nobody${host}`, "x", { remoteAddress: `10.2.${host}.1` }),
    ),
  );
  const outcomes = steps.map(outcomeOf);
  assert.equal(outcomes.filter((outcome) => outcome === "credentials").length, 102);
  assert.equal(outcomes.filter((outcome) => outcome === "temporary").length, 18);
  assert.equal(calculations.length, 102);
});

test("a store that fails is nobody's wrong password", async () => {
  const { authenticator, failStore, said } = await setLogonStage(SAMPLE_USERS);
  failStore();
  for (let count = 0; count < 6; count += 1) {
    for (const mechanism of BY_PASSWORD.filter((name) => !/SHA-(1|256)$/.test(name))) {
      const step = await logOn(authenticator, mechanism, passwordOf(ALICE));
      assert.equal(outcomeOf(step), "temporary", mechanism);
      assert.match(String(said.at(-1)?.["detail"]), /: the disk is gone$/, mechanism);
    }
  }
});

test("a hash that cannot be calculated is nobody's wrong password, and why is told", async () => {
  const { authenticator, failCalculations, said } = await setLogonStage(SAMPLE_USERS);
  failCalculations();
  for (let count = 0; count < 6; count += 1) {
    assert.equal(outcomeOf(await logOnPlain(authenticator, ALICE, PASSWORD)), "temporary");
  }
  const detail = "no hash could be calculated: ERR_CRYPTO_OPERATION_FAILED";
  assert.equal(said.at(-1)?.["detail"], detail);
  assert.doesNotMatch(JSON.stringify(said), new RegExp(PASSWORD));
});

test("every logon is told with its device and address, and counted", async () => {
  const { authenticator, said, counted } = await setLogonStage(SAMPLE_USERS);
  await logOnPlain(authenticator, "alice", "paper jam");
  await logOnPlain(authenticator, "alice\u202e\u0007".repeat(100), "wrong");
  await logOnPlain(authenticator, "nobody", "wrong");
  const [first, second, third] = said;
  assert.deepEqual(first, {
    event: "logon-succeeded",
    account: ALICE,
    device: "Scanner, 3rd floor",
    mechanism: "PLAIN",
    remoteAddress: "192.0.2.7",
    connector: OPEN_CONNECTOR.name,
  });
  assert.equal(second?.event, "logon-failed");
  assert.doesNotMatch(JSON.stringify(second), /\u202e|\\u0007/);
  assert.ok(String(second?.["user"]).length <= 121);
  assert.deepEqual(third, {
    event: "logon-failed",
    user: "nobody",
    mechanism: "PLAIN",
    reason: "credentials",
    detail: "wrong password or unknown user",
    remoteAddress: "192.0.2.7",
    connector: OPEN_CONNECTOR.name,
  });
  assert.equal(counted.get("postrider_logons_total:password_succeeded"), 1);
});

test("a flood of failures is told in part, and how many were not", async () => {
  const { authenticator, said, clock } = await setLogonStage(SAMPLE_USERS);
  for (let count = 0; count < 30; count += 1) await logOnPlain(authenticator, "nobody", "wrong");
  assert.equal(said.length, 20);
  clock.advance(MINUTE);
  await logOnPlain(authenticator, "nobody", "wrong");
  assert.equal(said[20]?.["notLogged"], 10);
});

test("no password reaches the log, whatever the client makes of the mechanism", async () => {
  const { authenticator, said, clock } = await setLogonStage(SAMPLE_USERS);
  const secret = "xyzzy-plugh-42";
  const base64 = Buffer.from(secret).toString("base64");
  const message = fc.constantFrom(
    `\0alice\0${secret}`,
    `${secret}\0alice\0${secret}\0`,
    `a\0b\0${secret}`,
    `n,,n=alice,r=${secret}`,
    `c=biws,r=${secret},p=${base64}`,
    `user=alice\x01auth=Bearer ${secret}\x01\x01`,
    `n,a=alice,\x01auth=Bearer ${secret}\x01\x01`,
    secret,
    "",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<MechanismName>(...BY_PASSWORD, "OAUTHBEARER", "XOAUTH2", "EXTERNAL"),
      fc.array(message, { minLength: 1, maxLength: 3 }),
      async (mechanism, messages) => {
        clock.advance(MINUTE);
        const exchange = begin(authenticator, mechanism, somewhere());
        for (const text of messages) {
          // The user name of LOGIN is shown: its second message is the password.
          if (mechanism === "LOGIN" && text === messages[0]) {
            await exchange.next(Buffer.from("alice"));
          }
          const step = await exchange.next(Buffer.from(text));
          if (step.kind !== "challenge") break;
        }
        exchange.cancel();
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(said.length > 20);
  const shown = JSON.stringify(said.map(({ user: _, ...fields }) => fields));
  assert.doesNotMatch(shown, /xyzzy/);
  assert.ok(!shown.includes(base64));
});
