import assert from "node:assert/strict";
import { test } from "node:test";
import { createClientExchange } from "./client-exchange.ts";
import type { ClientCredential } from "./client-talk.ts";
import { FAKE_MEANS, fakeBackend, fakeChannel } from "./credential-backend.fake.ts";
import type { ClientExchange, MechanismName, SaslChannel } from "./mechanism.ts";
import { joinFlags, NTLM_FLAG } from "./ntlm-flags.ts";
import { ntHash } from "./ntlm-hash.ts";
import { formatChallenge, parseAuthenticate, parseChallenge } from "./ntlm-message.ts";
import { provesV2, readProof } from "./ntlm-response.ts";
import { AV, describeServer, findPair, saysMic } from "./ntlm-target-info.ts";
import { createServerExchange } from "./server-exchange.ts";

const ALICE = { kind: "password", userName: "alice", password: "secret" } as const;
const TOKEN = { kind: "token", userName: "alice@x.test", token: "ya29.abc" } as const;
const IN_CLEAR = fakeChannel(undefined);

function open(
  mechanism: MechanismName,
  credential: ClientCredential = ALICE,
  channel: SaslChannel = IN_CLEAR,
): ClientExchange {
  const means = { ...FAKE_MEANS, randomBytes: (count: number) => Buffer.alloc(count) };
  return createClientExchange(mechanism, credential, channel, means);
}

/** What the client says, `!` before it when a success may come then, or why it breaks off. */
async function hear(client: ClientExchange, challenges: readonly string[]): Promise<string[]> {
  const mark = (bytes: Uint8Array | undefined) => {
    const text = bytes === undefined ? "(nothing)" : Buffer.from(bytes).toString();
    return `${client.isComplete ? "!" : ""}${text}`;
  };
  const said = [mark(await client.start())];
  for (const challenge of challenges) {
    const answer = await client.next(Buffer.from(challenge));
    said.push(answer.ok ? mark(answer.value) : `broken off: ${answer.fault}`);
  }
  return said;
}

const TOO_MANY = "broken off: the server asks for more than the mechanism has";

for (const [mechanism, credential, challenges, want] of [
  ["PLAIN", ALICE, ["more?"], ["!\0alice\0secret", TOO_MANY]],
  [
    "LOGIN",
    ALICE,
    ["Username:", "Password:", "more?"],
    ["(nothing)", "alice", "!secret", TOO_MANY],
  ],
  ["EXTERNAL", { kind: "certificate" }, ["more?"], ["!", TOO_MANY]],
  [
    "XOAUTH2",
    TOKEN,
    ['{"status":"401"}', "more?"],
    ["!user=alice@x.test\u0001auth=Bearer ya29.abc\u0001\u0001", "", TOO_MANY],
  ],
  [
    "OAUTHBEARER",
    { ...TOKEN, userName: "a,b=c" },
    ['{"status":"invalid_token"}'],
    ["!n,a=a=2Cb=3Dc,\u0001auth=Bearer ya29.abc\u0001\u0001", "\u0001"],
  ],
] as const) {
  test(`${mechanism}'s client, and a server that wants more`, async () => {
    assert.deepEqual(await hear(open(mechanism, credential), challenges), want);
  });
}

const NONCE = "A".repeat(24);
const SALT = "c2FsdHNhbHQ=";

for (const [why, challenges, want] of [
  ["nonsense", ["hello"], /none of SCRAM/],
  ["nothing", [""], /none of SCRAM/],
  ["our nonce alone", [`r=${NONCE},s=${SALT},i=4096`], /does not go on from ours/],
  ["another nonce", [`r=B${NONCE},s=${SALT},i=4096`], /does not go on from ours/],
  ["4,095 iterations", [`r=${NONCE}x,s=${SALT},i=4095`], /^broken off: 4095 iterations/],
  ["600,001 iterations", [`r=${NONCE}x,s=${SALT},i=600001`], /too many/],
  ["a count that is none", [`r=${NONCE}x,s=${SALT},i=-1`], /none of SCRAM/],
  ["a salt that is none", [`r=${NONCE}x,s=!,i=4096`], /none of SCRAM/],
  ["a mandatory extension", [`m=1,r=${NONCE}x,s=${SALT},i=4096`], /none of SCRAM/],
  ["an error", ["e=other-error"], /the server says other-error/],
  ["an error with a line break", ["e=x\r\ny"], /the server says x\?\?y/],
  ["a late error", [`r=${NONCE}x,s=${SALT},i=4096`, "e=invalid-proof"], /says invalid-proof/],
  ["a forged proof", [`r=${NONCE}x,s=${SALT},i=4096`, `v=${"A".repeat(43)}=`], /not know the pass/],
  ["no proof", [`r=${NONCE}x,s=${SALT},i=4096`, ""], /none of SCRAM/],
] as const) {
  test(`SCRAM's client: ${why}`, async () => {
    const said = await hear(open("SCRAM-SHA-256"), challenges);
    assert.match(said.at(-1) ?? "", want);
    assert.equal(said.filter((text) => text.startsWith("!")).length, 0, "never complete");
  });
}

for (const [why, mechanism, channel, want] of [
  ["nothing to bind to", "SCRAM-SHA-256", IN_CLEAR, "n,,"],
  ["-PLUS is offered", "SCRAM-SHA-256", fakeChannel("a"), "n,,"],
  ["-PLUS is not offered", "SCRAM-SHA-256", { ...fakeChannel("a"), offersPlus: false }, "y,,"],
  ["-PLUS", "SCRAM-SHA-1-PLUS", fakeChannel("a"), "p=tls-exporter,,"],
  ["-PLUS without exporter", "SCRAM-SHA-256-PLUS", onlyEndPoint(), "p=tls-server-end-point,,"],
] as const) {
  test(`SCRAM's client tells what it can bind: ${why}`, async () => {
    const [first] = await hear(open(mechanism, ALICE, channel), []);
    assert.equal(first, `${want}n=alice,r=${NONCE}`);
  });
}

function onlyEndPoint(): SaslChannel {
  const channel = fakeChannel("a");
  return {
    ...channel,
    binding: (type) => (type === "tls-server-end-point" ? channel.binding(type) : undefined),
  };
}

test("SCRAM's client is complete only once the server has proved itself", async () => {
  const client = createClientExchange("SCRAM-SHA-256", ALICE, IN_CLEAR, FAKE_MEANS);
  const server = createServerExchange("SCRAM-SHA-256", fakeBackend(), IN_CLEAR, FAKE_MEANS);
  let response = await client.start();
  const complete = [client.isComplete];
  for (let step = await server.next(response); step.kind === "challenge"; ) {
    const answer = await client.next(step.bytes);
    assert.ok(answer.ok);
    complete.push(client.isComplete);
    response = answer.value;
    step = await server.next(response);
  }
  assert.deepEqual(complete, [false, false, true]);
});

const SERVER = { domainName: "D", computerName: "C", hostName: "h.x.test", nowMs: 0 };
const UNICODE = joinFlags(NTLM_FLAG.unicode, NTLM_FLAG.ntlm, NTLM_FLAG.targetInfo);
const CHALLENGE = {
  flags: UNICODE,
  serverChallenge: Buffer.from("0123456789abcdef", "hex"),
  targetName: "D",
  targetInfo: describeServer(SERVER),
};

async function answerTo(
  challenge: Uint8Array,
  userName = "alice",
  channel = IN_CLEAR,
): Promise<ReturnType<typeof parseAuthenticate>> {
  const client = open("NTLM", { ...ALICE, userName }, channel);
  assert.equal(Buffer.from((await client.start()) ?? []).readUInt32LE(8), 1);
  assert.equal(client.isComplete, false);
  const answer = await client.next(challenge);
  assert.ok(answer.ok);
  assert.equal(client.isComplete, true);
  return parseAuthenticate(Buffer.from(answer.value));
}

for (const [userName, user, domain] of [
  ["alice", "alice", ""],
  ["CONTOSO\\alice", "alice", "CONTOSO"],
  ["alice@contoso.test", "alice@contoso.test", ""],
] as const) {
  test(`NTLM's client as ${userName}`, async () => {
    const answer = await answerTo(formatChallenge(CHALLENGE), userName);
    assert.deepEqual([answer?.user, answer?.domain], [user, domain]);
  });
}

test("NTLM's client marks its answer when the server tells the time", async () => {
  const channel = fakeChannel("tls");
  const answer = await answerTo(formatChallenge(CHALLENGE), "alice", channel);
  assert.ok(answer !== undefined);
  assert.deepEqual(answer.lmResponse, Buffer.alloc(24), "nothing of the old kind");
  const proof = readProof(answer);
  assert.ok(proof?.kind === "v2");
  assert.equal(saysMic(proof.pairs), true);
  assert.equal(findPair(proof.pairs, AV.channelBindings)?.length, 16);
  assert.notDeepEqual(findPair(proof.pairs, AV.channelBindings), Buffer.alloc(16));
  const target = findPair(proof.pairs, AV.targetName)?.toString("utf16le");
  assert.equal(target, "SMTPSVC/mail.contoso.test");
});

test("NTLM's client towards a server without target information", async () => {
  const bare = formatChallenge({
    ...CHALLENGE,
    flags: joinFlags(NTLM_FLAG.unicode, NTLM_FLAG.ntlm),
    targetInfo: [],
  });
  assert.equal(parseChallenge(bare)?.targetInfo.length, 0);
  const answer = await answerTo(bare);
  assert.ok(answer !== undefined);
  assert.equal(answer.lmResponse.length, 24);
  assert.notDeepEqual(answer.lmResponse, Buffer.alloc(24));
  const { serverChallenge } = CHALLENGE;
  assert.equal(provesV2(answer, { hash: ntHash("secret"), serverChallenge }), true);
});

for (const [why, challenge, want] of [
  ["no message", Buffer.from("ntlm supported"), /no challenge/],
  ["a cut one", formatChallenge(CHALLENGE).subarray(0, 60), /no challenge/],
  ["one without Unicode", formatChallenge({ ...CHALLENGE, flags: NTLM_FLAG.oem }), /no Unicode/],
  ["one of 13 KiB", Buffer.alloc(13 * 1024), /too long/],
] as const) {
  test(`NTLM's client breaks off at ${why}`, async () => {
    const client = open("NTLM");
    await client.start();
    const answer = await client.next(challenge);
    assert.match(answer.ok ? "" : answer.fault, want);
    assert.equal(client.isComplete, false);
  });
}

test("no fault of a client bears its secret", async () => {
  for (const mechanism of ["PLAIN", "LOGIN", "SCRAM-SHA-256", "NTLM"] as const) {
    const client = open(mechanism);
    await client.start();
    const faults: string[] = [];
    while (faults.length === 0) {
      const answer = await client.next(Buffer.from("x"));
      if (!answer.ok) faults.push(answer.fault);
    }
    assert.doesNotMatch(faults.join(), /secret/);
  }
});
