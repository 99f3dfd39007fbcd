import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAKE_MEANS,
  type FakeBackend,
  type FakeBackendOptions,
  fakeBackend,
  fakeChannel,
} from "./credential-backend.fake.ts";
import { hashChannelBindings, ntlmChannelBindings } from "./ntlm-channel-binding.ts";
import { joinFlags, NTLM_FLAG } from "./ntlm-flags.ts";
import { desl, hmacMd5, mixedChallenge, ntHash } from "./ntlm-hash.ts";
import {
  formatAuthenticate,
  formatNegotiate,
  type NtlmAuthenticate,
  parseChallenge,
  withMic,
} from "./ntlm-message.ts";
import { answerV2 } from "./ntlm-response.ts";
import { AV, type AvPair, answerServer, findPair } from "./ntlm-target-info.ts";
import { rc4 } from "./rc4.ts";
import { createServerExchange } from "./server-exchange.ts";

const OFFERED = joinFlags(
  NTLM_FLAG.unicode,
  NTLM_FLAG.oem,
  NTLM_FLAG.requestTarget,
  NTLM_FLAG.ntlm,
  NTLM_FLAG.sign,
  NTLM_FLAG.extendedSessionSecurity,
  NTLM_FLAG.keyExchange,
);
const CLIENT_CHALLENGE = Buffer.from("0102030405060708", "hex");
const ALICE = { user: "alice", domain: "CONTOSO" };

/** A client by hand. */
interface Client {
  readonly offered?: number;
  readonly identity?: { readonly user: string; readonly domain: string };
  readonly password?: string;
  readonly version?: "v1" | "v1-extended" | "v2" | "lm" | "none";
  /** What it binds to; `undefined`: it knows no bindings. */
  readonly bindings?: Buffer;
  /** A MIC over its messages; `wrong`: over others. */
  readonly mic?: "right" | "wrong" | "cut";
  /** It chooses its own session key. */
  readonly exchangesKey?: boolean;
  readonly changePairs?: (pairs: readonly AvPair[]) => readonly AvPair[];
  readonly change?: (message: Buffer) => Buffer;
  readonly seed?: string;
}

async function play(
  client: Client,
  options: FakeBackendOptions = {},
): Promise<{ readonly said: string; readonly backend: FakeBackend }> {
  const backend = fakeBackend(options);
  const exchange = createServerExchange("NTLM", backend, fakeChannel(client.seed), FAKE_MEANS);
  const negotiate = formatNegotiate(client.offered ?? OFFERED);
  const step = await exchange.next(negotiate);
  if (step.kind !== "challenge") return { said: words(step), backend };
  const message = answer(client, negotiate, Buffer.from(step.bytes));
  const end = await exchange.next((client.change ?? ((same) => same))(message));
  return { said: words(end), backend };
}

function words(step: Awaited<ReturnType<ReturnType<typeof createServerExchange<string>>["next"]>>) {
  if (step.kind === "challenge") return "challenge";
  return step.kind === "succeeded" ? `ok ${step.user}` : `${step.fault.kind}, ${step.fault.detail}`;
}

function answer(client: Client, negotiate: Buffer, challengeBytes: Buffer): Buffer {
  const challenge = parseChallenge(challengeBytes);
  assert.ok(challenge !== undefined);
  const { serverChallenge, targetInfo } = challenge;
  const { identity = ALICE, password = "secret", mic, version = "v2" } = client;
  const hash = ntHash(password);
  const isMarked = mic !== undefined;
  const told = answerServer(targetInfo, {
    channelBindings: client.bindings ?? Buffer.alloc(0),
    targetName: "",
    hasMic: isMarked,
  }).filter(({ id }) => id !== AV.channelBindings || client.bindings !== undefined);
  const pairs = (client.changePairs ?? ((same) => same))(told);
  const timestamp = findPair(targetInfo, AV.timestamp) ?? Buffer.alloc(8);
  const v2 = answerV2(
    { ...identity, hash, clientChallenge: CLIENT_CHALLENGE },
    { serverChallenge, timestamp, pairs },
  );
  const chosenKey = Buffer.alloc(16, 7);
  const mixed = mixedChallenge(serverChallenge, CLIENT_CHALLENGE);
  const extendedLm = Buffer.concat([CLIENT_CHALLENGE, Buffer.alloc(16)]);
  const empty = Buffer.alloc(0);
  const responses = {
    v1: { ntResponse: desl(hash, serverChallenge), lmResponse: Buffer.alloc(24) },
    "v1-extended": { ntResponse: desl(hash, mixed), lmResponse: extendedLm },
    v2: { ntResponse: v2.ntResponse, lmResponse: Buffer.alloc(24) },
    lm: { ntResponse: empty, lmResponse: v2.lmResponse },
    none: { ntResponse: empty, lmResponse: Buffer.alloc(1) },
  };
  const flags =
    version === "v1"
      ? (challenge.flags & ~NTLM_FLAG.extendedSessionSecurity) >>> 0
      : challenge.flags;
  const message: NtlmAuthenticate = {
    ...identity,
    ...responses[version],
    flags,
    workstation: "PRINTER",
    sessionKey: client.exchangesKey === true ? rc4(v2.sessionBaseKey, chosenKey) : empty,
  };
  const unsigned = formatAuthenticate(message, { hasMic: isMarked && mic !== "cut" });
  if (mic === undefined || mic === "cut") return unsigned;
  const key = client.exchangesKey === true ? chosenKey : v2.sessionBaseKey;
  const first = mic === "wrong" ? formatNegotiate(0) : negotiate;
  return withMic(unsigned, hmacMd5(key, first, challengeBytes, unsigned));
}

const OURS = ntlmChannelBindings(fakeChannel("ours").binding("tls-server-end-point"));
const OTHERS = ntlmChannelBindings(fakeChannel("others").binding("tls-server-end-point"));
const V1 = { ntlm: { v1Allowed: true, domainName: "CONTOSO", computerName: "MAIL" } };
const REQUIRE = { channelBindingPolicy: "Require" } as const;
const ALLOW = { channelBindingPolicy: "Allow" } as const;
const NONE = { channelBindingPolicy: "None" } as const;

const ROWS: readonly (readonly [string, Client, FakeBackendOptions, RegExp])[] = [
  ["v2", {}, {}, /^ok alice$/],
  ["a name in another case", { identity: { user: "ALICE", domain: "" } }, { user: "ALICE" }, /^ok/],
  ["a MIC", { mic: "right" }, {}, /^ok/],
  ["a MIC by its own key", { mic: "right", exchangesKey: true }, {}, /^ok/],
  ["its own key without a MIC", { exchangesKey: true }, {}, /^ok/],
  ["a MIC over other messages", { mic: "wrong" }, {}, /^credentials, a message was changed/],
  ["a MIC promised and left out", { mic: "cut" }, {}, /^credentials, a message was changed/],
  ["OEM names", { offered: NTLM_FLAG.oem }, {}, /^ok alice$/],
  ["neither Unicode nor OEM", { offered: NTLM_FLAG.ntlm }, {}, /^malformed/],
  [
    "a Unicode name",
    { identity: { user: "jürgen", domain: "Büro" } },
    { user: "jürgen" },
    /^ok jürgen/,
  ],
  ["wrong password", { password: "secreT" }, {}, /^credentials, wrong password or unknown user/],
  [
    "an unknown user",
    { identity: { user: "bob", domain: "" } },
    {},
    /^credentials, wrong password or/,
  ],
  [
    "nobody's password",
    { identity: { user: "bob", domain: "" }, password: "" },
    {},
    /^credentials/,
  ],
  [
    "anonymous",
    { identity: { user: "", domain: "" }, version: "none" },
    {},
    /^credentials, anonymous/,
  ],
  [
    "a response of LAN Manager",
    { version: "lm" },
    {},
    /^credentials, only a response of LAN Manager/,
  ],
  ["no response", { version: "none" }, {}, /^credentials/],
  ["v1", { version: "v1" }, {}, /^credentials, NTLM v1, which is not allowed/],
  ["v1 with extended security", { version: "v1-extended" }, {}, /^credentials, NTLM v1/],
  ["v1 where allowed", { version: "v1" }, V1, /^ok alice$/],
  ["v1 with extended security where allowed", { version: "v1-extended" }, V1, /^ok alice$/],
  ["v1 and a wrong password", { version: "v1", password: "x" }, V1, /^credentials, wrong/],
  [
    "v1 where bindings are required",
    { version: "v1" },
    { ...V1, ...REQUIRE },
    /^credentials, not bound/,
  ],
  ["bound to us", { seed: "ours", bindings: OURS }, ALLOW, /^ok/],
  ["bound to us, required", { seed: "ours", bindings: OURS }, REQUIRE, /^ok/],
  [
    "bound to somebody else",
    { seed: "ours", bindings: OTHERS },
    ALLOW,
    /^credentials, bound to an/,
  ],
  [
    "bound to somebody else, required",
    { seed: "ours", bindings: OTHERS },
    REQUIRE,
    /^credentials, b/,
  ],
  ["bound to somebody else, not looked at", { seed: "ours", bindings: OTHERS }, NONE, /^ok/],
  ["not bound", { seed: "ours" }, ALLOW, /^ok/],
  ["not bound, required", { seed: "ours" }, REQUIRE, /^credentials, not bound/],
  ["bound to zeros", { seed: "ours", bindings: Buffer.alloc(16) }, ALLOW, /^ok/],
  [
    "bound to zeros, required",
    { seed: "ours", bindings: Buffer.alloc(16) },
    REQUIRE,
    /^credentials, n/,
  ],
  ["bound to TLS where there is none", { bindings: OURS }, ALLOW, /^credentials, bound to another/],
  ["no TLS, required", {}, REQUIRE, /^credentials, not bound/],
  [
    "bindings of another length",
    { seed: "ours", bindings: OURS.subarray(1) },
    ALLOW,
    /^credentials/,
  ],
  ["a store that is down", {}, { findNtHashes: async () => "temporary" }, /^temporary/],
  [
    "a disabled account",
    {},
    { admitProved: async () => ({ kind: "refused", detail: "off" }) },
    /^credentials, off/,
  ],
  ["nothing", { change: () => Buffer.alloc(0) }, {}, /^malformed/],
  ["another type", { change: (message) => patch(message, { at: 8, byte: 1 }) }, {}, /^malformed/],
  [
    "a name that ends outside",
    { change: (message) => patch(message, { at: 37, byte: 255 }) },
    {},
    /^malformed/,
  ],
  [
    "a response within the fixed part",
    { change: (message) => patch(message, { at: 24, byte: 12 }) },
    {},
    /^malformed/,
  ],
  [
    "a response of 43 bytes",
    { change: (message) => patch(message, { at: 20, byte: 43 }) },
    {},
    /^malformed/,
  ],
  ["half a letter", { change: (message) => patch(message, { at: 36, byte: 9 }) }, {}, /^malformed/],
  ["a line break in the name", { identity: { user: "al\nice", domain: "" } }, {}, /^malformed/],
];

function patch(message: Buffer, { at, byte }: { at: number; byte: number }): Buffer {
  const changed = Buffer.from(message);
  changed[at] = byte;
  return changed;
}

for (const [why, client, options, want] of ROWS) {
  test(`NTLM's server: ${why}`, async () => assert.match((await play(client, options)).said, want));
}

test("the backend learns which hash fitted, and the domain as it was written", async () => {
  const hashes = [ntHash("printer"), ntHash("secret")];
  const { said, backend } = await play({}, { findNtHashes: async () => hashes });
  assert.equal(said, "ok alice");
  assert.deepEqual(backend.lastProof(), { mechanism: "NTLM", hashIndex: 1, domain: "CONTOSO" });
});

test("any change of a signed message is noticed", async () => {
  const message = { mic: "right", exchangesKey: true } as const;
  for (const at of [60, 66, 72, 87]) {
    const flip = (bytes: Buffer) => patch(bytes, { at, byte: (bytes[at] ?? 0) ^ 1 });
    const { said } = await play({ ...message, change: flip });
    assert.match(said, /^(?:credentials|malformed)/, `byte ${at}`);
  }
});

test("the challenge tells who we are and what time it is", async () => {
  const exchange = createServerExchange("NTLM", fakeBackend(), fakeChannel(undefined), {
    clock: { nowMs: () => Date.UTC(2026, 0, 1) },
    randomBytes: (count) => Buffer.alloc(count, 9),
  });
  const first = await exchange.next(undefined);
  assert.deepEqual(first, { kind: "challenge", bytes: new Uint8Array() });
  const step = await exchange.next(formatNegotiate(OFFERED));
  assert.equal(step.kind, "challenge");
  const challenge = step.kind === "challenge" ? parseChallenge(Buffer.from(step.bytes)) : undefined;
  assert.ok(challenge !== undefined);
  assert.deepEqual(challenge.serverChallenge, Buffer.alloc(8, 9));
  const text = (id: number) => findPair(challenge.targetInfo, id)?.toString("utf16le");
  assert.equal(text(AV.domainName), "CONTOSO");
  assert.equal(text(AV.computerName), "MAIL");
  assert.equal(text(AV.dnsDomainName), "contoso.test");
  assert.equal(text(AV.dnsComputerName), "mail.contoso.test");
  // 2026-01-01 as FILETIME: days since 1601 times 864,000,000,000.
  const time = findPair(challenge.targetInfo, AV.timestamp)?.readBigUInt64LE();
  assert.equal(time, 155_228n * 864_000_000_000n);
});

test("the hash of channel bindings that Microsoft has published", () => {
  const certificate = "ea05fefecc6b0bd571dbbc5baa3ed45386d0446835f7b74c85621b9983475f95";
  const hash = ntlmChannelBindings(Buffer.from(certificate, "hex"));
  assert.equal(hash.toString("hex"), "6586e99d81c2fc984e47172fd4dd0310");
  assert.notDeepEqual(hashChannelBindings(Buffer.from(certificate, "hex")), hash);
  assert.deepEqual(ntlmChannelBindings(undefined), Buffer.alloc(16));
});
