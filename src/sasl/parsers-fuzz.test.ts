import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatOauthBearer,
  formatXoauth2,
  parseOauthBearer,
  parseXoauth2,
} from "./bearer-message.ts";
import { createClientExchange } from "./client-exchange.ts";
import { FAKE_MEANS, fakeBackend, fakeChannel } from "./credential-backend.fake.ts";
import { decodeSaslName, encodeSaslName, parseGs2Header } from "./gs2-header.ts";
import { MECHANISM_NAMES } from "./mechanism.ts";
import { joinFlags, NTLM_FLAG } from "./ntlm-flags.ts";
import { ntHash } from "./ntlm-hash.ts";
import {
  formatAuthenticate,
  formatChallenge,
  formatNegotiate,
  parseAuthenticate,
  parseChallenge,
  parseNegotiate,
  takeMic,
} from "./ntlm-message.ts";
import { answerV2, exportedSessionKey, provesV1, provesV2, readProof } from "./ntlm-response.ts";
import { describeServer, formatTargetInfo, parseTargetInfo, saysMic } from "./ntlm-target-info.ts";
import { decodeBase64 } from "./sasl-text.ts";
import {
  parseClientFinal,
  parseClientFirst,
  parseServerFinal,
  parseServerFirst,
} from "./scram-message.ts";
import { createServerExchange } from "./server-exchange.ts";

const PIECE = fc.constantFrom(
  ...[
    "n,",
    "y,",
    "p=tls-exporter,",
    "a=",
    ",",
    "n=alice",
    "r=",
    "abc",
    "m=1",
    "c=biws",
    "p=",
    "v=",
  ],
  ...["e=", "s=", "i=4096", "=2C", "=3D", "=", "\u0001", "auth=", "Bearer ", "x", "user=", "host="],
  ...["\0", "\r\n", "QUJD", "\u00fc", "\ud800", "-", "NTLMSSP\0"],
);
const TEXT = fc
  .array(fc.oneof(PIECE, fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 14 })
  .map((pieces) => pieces.join(""));
const RUNS = { numRuns: 3000 };

test("SCRAM's parsers are total, and what they read has the form that they promise", () => {
  fc.assert(
    fc.property(TEXT, (text) => {
      const header = parseGs2Header(text);
      if (header !== undefined) assert.equal(header.text + header.rest, text);
      const first = parseClientFirst(text);
      if (first !== undefined) assert.ok(text.endsWith(first.bare) && first.nonce !== "");
      const final = parseClientFinal(text);
      if (final !== undefined) assert.ok(text.startsWith(`${final.withoutProof},p=`));
      const serverFirst = parseServerFirst(text);
      if (serverFirst !== undefined) assert.ok(serverFirst.iterationCount > 0);
      parseServerFinal(text);
      const bytes = decodeBase64(text);
      if (bytes !== undefined) assert.equal(bytes.toString("base64"), text);
    }),
    RUNS,
  );
});

test("names survive their encoding", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      assert.equal(decodeSaslName(encodeSaslName(name)), name);
    }),
  );
});

test("parsers of tokens are total, and read what is written", () => {
  fc.assert(
    fc.property(TEXT, (text) => {
      for (const message of [parseOauthBearer(text), parseXoauth2(text)]) {
        if (message !== undefined) assert.match(message.token, /^[A-Za-z0-9._~+/=-]*$/);
      }
    }),
    RUNS,
  );
  fc.assert(
    fc.property(fc.emailAddress(), fc.base64String({ minLength: 1 }), (user, token) => {
      assert.deepEqual(parseXoauth2(formatXoauth2({ user, token })), { user, token });
      assert.deepEqual(parseOauthBearer(formatOauthBearer({ user, token })), { user, token });
    }),
  );
});

const SERVER_CHALLENGE = Buffer.from("0123456789abcdef", "hex");
const FLAGS = joinFlags(
  NTLM_FLAG.unicode,
  NTLM_FLAG.ntlm,
  NTLM_FLAG.targetInfo,
  NTLM_FLAG.extendedSessionSecurity,
  NTLM_FLAG.keyExchange,
);
const TARGET_INFO = describeServer({
  domainName: "CONTOSO",
  computerName: "MAIL",
  hostName: "mail.contoso.test",
  nowMs: 0,
});

function goodMessages(): readonly Buffer[] {
  const identity = { user: "alice", domain: "CONTOSO" };
  const { ntResponse, lmResponse } = answerV2(
    { ...identity, hash: ntHash("secret"), clientChallenge: Buffer.alloc(8) },
    { serverChallenge: SERVER_CHALLENGE, timestamp: Buffer.alloc(8), pairs: TARGET_INFO },
  );
  const answer = { ...identity, flags: FLAGS, workstation: "PC", sessionKey: Buffer.alloc(16) };
  return [
    formatNegotiate(FLAGS),
    formatChallenge({
      flags: FLAGS,
      serverChallenge: SERVER_CHALLENGE,
      targetName: "CONTOSO",
      targetInfo: TARGET_INFO,
    }),
    formatAuthenticate({ ...answer, ntResponse, lmResponse }, { hasMic: true }),
    formatTargetInfo(TARGET_INFO),
  ];
}

/** A good message, cut short or with bytes changed: most of it is still to the point. */
const SPOILT = fc
  .record({
    message: fc.constantFrom(...goodMessages()),
    changes: fc.array(
      fc.tuple(fc.nat(300), fc.oneof(fc.constantFrom(0, 1, 127, 255), fc.nat(255))),
      { maxLength: 4 },
    ),
    length: fc.oneof(fc.constant(10_000), fc.nat(300)),
  })
  .map(({ message, changes, length }) => {
    const spoilt = Buffer.from(message);
    for (const [at, byte] of changes) if (at < spoilt.length) spoilt[at] = byte;
    return spoilt.subarray(0, length);
  });
const BYTES = fc.oneof(
  SPOILT,
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

test("NTLM's parsers are total and read nothing outside the message", () => {
  fc.assert(
    fc.property(BYTES, (bytes) => {
      parseNegotiate(bytes);
      const challenge = parseChallenge(bytes);
      if (challenge !== undefined) assert.equal(challenge.serverChallenge.length, 8);
      for (const { value } of parseTargetInfo(bytes) ?? []) assert.ok(value.length <= bytes.length);
      takeMic(bytes);
      const answer = parseAuthenticate(bytes);
      if (answer === undefined) return;
      assert.ok(answer.ntResponse.length <= bytes.length);
      const proof = readProof(answer);
      if (proof === undefined || proof.kind === "none") return;
      const to = { hash: ntHash("secret"), serverChallenge: SERVER_CHALLENGE };
      if (proof.kind === "v1") provesV1(answer, to);
      else if (provesV2(answer, to)) saysMic(proof.pairs);
      exportedSessionKey(answer, Buffer.alloc(16));
    }),
    RUNS,
  );
});

const MESSAGE = fc.oneof(
  TEXT.map((text) => Buffer.from(text)),
  BYTES,
);

for (const mechanism of MECHANISM_NAMES) {
  test(`${mechanism}'s server takes anything without a throw`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(MESSAGE, { nil: undefined }), { minLength: 1, maxLength: 1 }),
        fc.array(MESSAGE, { maxLength: 4 }),
        async (first, others) => {
          const backend = fakeBackend();
          const server = createServerExchange(mechanism, backend, fakeChannel("a"), FAKE_MEANS);
          for (const message of [...first, ...others]) {
            const step = await server.next(message);
            if (step.kind !== "challenge") return;
          }
          server.cancel();
        },
      ),
      { numRuns: 200 },
    );
  });
}

const PASSWORD = { kind: "password", userName: "alice", password: "secret" } as const;
const CLIENTS = [
  ["SCRAM-SHA-256-PLUS", PASSWORD],
  ["SCRAM-SHA-1", PASSWORD],
  ["NTLM", PASSWORD],
  ["PLAIN", PASSWORD],
  ["LOGIN", PASSWORD],
  ["XOAUTH2", { kind: "token", userName: "alice", token: "x" }],
  ["OAUTHBEARER", { kind: "token", userName: "alice", token: "x" }],
  ["EXTERNAL", { kind: "certificate" }],
] as const;

for (const [mechanism, credential] of CLIENTS) {
  test(`${mechanism}'s client takes anything without a throw`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(MESSAGE, { minLength: 1, maxLength: 4 }), async (challenges) => {
        const client = createClientExchange(mechanism, credential, fakeChannel("a"), FAKE_MEANS);
        await client.start();
        for (const challenge of challenges) {
          const answer = await client.next(challenge);
          if (!answer.ok) return;
        }
      }),
      { numRuns: 200 },
    );
  });
}
