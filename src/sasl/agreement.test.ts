import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createClientExchange } from "./client-exchange.ts";
import type { ClientCredential } from "./client-talk.ts";
import { converse } from "./conversation.fake.ts";
import {
  FAKE_MEANS,
  type FakeBackendOptions,
  fakeBackend,
  fakeChannel,
} from "./credential-backend.fake.ts";
import type { MechanismName, SaslChannel } from "./mechanism.ts";
import { prepareName, preparePassword } from "./saslprep.ts";
import { createServerExchange } from "./server-exchange.ts";

const BY_PASSWORD = [
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-256",
  "SCRAM-SHA-1-PLUS",
  "SCRAM-SHA-1",
  "NTLM",
  "PLAIN",
  "LOGIN",
] as const satisfies readonly MechanismName[];

/** Our client and our server, each on its own end of the channel. */
function meet(
  mechanism: MechanismName,
  credential: ClientCredential,
  at: {
    readonly client: SaslChannel;
    readonly server: SaslChannel;
    readonly backend: FakeBackendOptions;
  },
) {
  return converse(
    createClientExchange(mechanism, credential, at.client, FAKE_MEANS),
    createServerExchange(mechanism, fakeBackend(at.backend), at.server, FAKE_MEANS),
  );
}

const NAME = fc
  .oneof(
    fc.constantFrom("alice", "alice@contoso.test", "a=b,c", "j\u00fcrgen", "\u30a2\u30ea\u30b9"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  )
  // NTLM takes a backslash for the end of a domain.
  .filter((name) => prepareName(name) !== undefined && !name.includes("\\"));
const PASSWORD = fc.oneof(
  fc.constantFrom("secret", "p\u212bss", "=,\u00a0", "\u05e9\u05dc\u05d5\u05dd1", "\u{1f511}"),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 16 })
    .filter((text) => preparePassword(text) !== "" && !text.includes("\0")),
);

for (const mechanism of BY_PASSWORD) {
  test(`client and server agree by ${mechanism}`, async () => {
    const channels = mechanism.endsWith("-PLUS")
      ? fc.constant("tls")
      : fc.option(fc.constant("tls"), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(NAME, PASSWORD, PASSWORD, channels, async (user, right, given, seed) => {
        const channel = fakeChannel(seed);
        const credential = { kind: "password", userName: user, password: given } as const;
        const at = { client: channel, server: channel, backend: { user, password: right } };
        const end = await meet(mechanism, credential, at);
        const isSame =
          mechanism === "NTLM"
            ? right === given
            : preparePassword(right) === preparePassword(given);
        assert.equal(end.server, isSame ? "succeeded" : "credentials");
        if (isSame) assert.equal(end.client, "believes");
      }),
      { numRuns: 40 },
    );
    await fc.assert(
      fc.asyncProperty(NAME, PASSWORD, channels, async (user, password, seed) => {
        const channel = fakeChannel(seed);
        const credential = { kind: "password", userName: user, password } as const;
        const end = await meet(mechanism, credential, {
          client: channel,
          server: channel,
          backend: { user, password },
        });
        assert.deepEqual([end.server, end.client], ["succeeded", "believes"]);
      }),
      { numRuns: 40 },
    );
  });
}

const ALICE = { kind: "password", userName: "alice", password: "secret" } as const;
const TOKEN = { kind: "token", userName: "alice", token: "token-1" } as const;
const CERTIFICATE = { kind: "certificate" } as const;
const [OURS, MIDDLE, IN_CLEAR] = [fakeChannel("ours"), fakeChannel("mitm"), fakeChannel(undefined)];
/** Somebody in between, who cuts -PLUS out of what the server offers. */
const CUT = { ...MIDDLE, offersPlus: false };

for (const [why, mechanism, credential, client, server, policy, want] of [
  ["a token", "XOAUTH2", TOKEN, OURS, OURS, "Allow", "succeeded"],
  ["a wrong token", "XOAUTH2", { ...TOKEN, token: "x" }, OURS, OURS, "Allow", "credentials"],
  ["a token", "OAUTHBEARER", TOKEN, OURS, OURS, "Allow", "succeeded"],
  ["a wrong token", "OAUTHBEARER", { ...TOKEN, token: "x" }, OURS, OURS, "Allow", "credentials"],
  ["a certificate", "EXTERNAL", CERTIFICATE, OURS, OURS, "Allow", "succeeded"],
  ["a man in the middle", "SCRAM-SHA-256-PLUS", ALICE, MIDDLE, OURS, "None", "credentials"],
  ["a man in the middle", "SCRAM-SHA-1-PLUS", ALICE, MIDDLE, OURS, "None", "credentials"],
  ["-PLUS was cut out", "SCRAM-SHA-256", ALICE, CUT, OURS, "None", "credentials"],
  ["no binding asked for", "SCRAM-SHA-256", ALICE, MIDDLE, OURS, "None", "succeeded"],
  ["a man in the middle", "NTLM", ALICE, MIDDLE, OURS, "Allow", "credentials"],
  ["a man in the middle", "NTLM", ALICE, MIDDLE, OURS, "Require", "credentials"],
  ["TLS ends before us", "NTLM", ALICE, MIDDLE, IN_CLEAR, "Allow", "credentials"],
  ["TLS ends before us", "NTLM", ALICE, MIDDLE, IN_CLEAR, "None", "succeeded"],
  ["bound", "NTLM", ALICE, OURS, OURS, "Require", "succeeded"],
  ["in clear", "NTLM", ALICE, IN_CLEAR, IN_CLEAR, "Allow", "succeeded"],
  ["in clear", "NTLM", ALICE, IN_CLEAR, IN_CLEAR, "Require", "credentials"],
] as const) {
  test(`${mechanism}, ${policy}: ${why}`, async () => {
    const backend = { channelBindingPolicy: policy };
    const end = await meet(mechanism, credential, { client, server, backend });
    assert.equal(end.server, want);
    if (want === "succeeded") assert.deepEqual([end.client, end.account], ["believes", "alice"]);
  });
}

test("a server that does not know the password is found out", async () => {
  for (const mechanism of ["SCRAM-SHA-256", "SCRAM-SHA-1"] as const) {
    const client = createClientExchange(mechanism, ALICE, IN_CLEAR, FAKE_MEANS);
    const start = Buffer.from((await client.start()) ?? []).toString();
    const nonce = start.slice(start.indexOf("r=") + 2);
    const first = await client.next(Buffer.from(`r=${nonce}x,s=c2FsdA==,i=4096`));
    assert.equal(first.ok, true);
    assert.equal(client.isComplete, false, "a 235 now would be a lie");
    const last = await client.next(Buffer.from(`v=${Buffer.alloc(32).toString("base64")}`));
    assert.match(last.ok ? "" : last.fault, /does not know the password/);
  }
});
