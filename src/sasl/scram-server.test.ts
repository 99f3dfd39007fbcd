import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAKE_MEANS,
  type FakeBackendOptions,
  fakeBackend,
  fakeChannel,
} from "./credential-backend.fake.ts";
import type { MechanismName, SaslChannel } from "./mechanism.ts";
import { deriveScramKeys, hmac, xor } from "./scram-keys.ts";
import { parseServerFirst } from "./scram-message.ts";
import { createServerExchange } from "./server-exchange.ts";
import type { ServerEnd } from "./server-talk.ts";

/** A client by hand, which says what a test makes it say. */
interface Client {
  readonly mechanism?: MechanismName;
  readonly first?: string;
  /** What `c=` holds before base64; the first message's header by default. */
  readonly bound?: Uint8Array;
  readonly channel?: SaslChannel;
  readonly change?: (final: string) => string;
  readonly last?: string;
  readonly backend?: FakeBackendOptions;
}

const TLS = fakeChannel("this");
const TLS_WITHOUT_PLUS = { ...TLS, offersPlus: false };

/** How far the client gets: `first`, `final` or `last` and the fault's kind and words, or `ok`. */
async function play(client: Client): Promise<string> {
  const { mechanism = "SCRAM-SHA-256", first = "n,,n=alice,r=abc", channel = TLS } = client;
  const backend = fakeBackend(client.backend);
  const exchange = createServerExchange(mechanism, backend, channel, FAKE_MEANS);
  const challenge = await exchange.next(Buffer.from(first));
  if (challenge.kind !== "challenge") return `first: ${words(challenge)}`;
  const serverFirst = Buffer.from(challenge.bytes).toString();
  const bare = first.slice(first.search(/(?:m|n)=[^,]*,r=/));
  const header = Buffer.from(first.slice(0, first.length - bare.length));
  const parsed = parseServerFirst(serverFirst);
  assert.ok(parsed !== undefined);
  const keys = await deriveScramKeys("sha256", { password: "secret", ...parsed });
  const bound = Buffer.from(client.bound ?? header).toString("base64");
  const withoutProof = `c=${bound},r=${parsed.nonce}`;
  const signed = `${bare},${serverFirst},${withoutProof}`;
  const proof = xor(keys.clientKey, hmac("sha256", keys.storedKey, signed)).toString("base64");
  const change = client.change ?? ((final: string) => final);
  const verdict = await exchange.next(Buffer.from(change(`${withoutProof},p=${proof}`)));
  if (verdict.kind !== "challenge") return `final: ${words(verdict)}`;
  const signature = hmac("sha256", keys.serverKey, signed).toString("base64");
  assert.equal(Buffer.from(verdict.bytes).toString(), `v=${signature}`);
  const end = await exchange.next(Buffer.from(client.last ?? ""));
  if (end.kind === "challenge") return "more";
  return end.kind === "succeeded" ? `ok ${end.user}` : `last: ${words(end)}`;
}

function words(step: ServerEnd<string>): string {
  return step.kind === "succeeded" ? "ok" : `${step.fault.kind}, ${step.fault.detail}`;
}

function boundTo(header: string, seed: string, type: "tls-exporter" | "tls-server-end-point") {
  return Buffer.concat([Buffer.from(header), fakeChannel(seed).binding(type) ?? Buffer.alloc(0)]);
}

const EXPORTER = "p=tls-exporter,,";

const ROWS: readonly (readonly [string, Client, RegExp])[] = [
  ["a client that cannot bind", {}, /^ok alice$/],
  ["an extension that may be ignored", { first: "n,,n=alice,r=abc,x=1" }, /^ok alice$/],
  ["another of his passwords", { backend: { password: "no", otherPasswords: ["secret"] } }, /^ok/],
  [
    "none of his passwords",
    { backend: { password: "no", otherPasswords: ["nor"] } },
    /^final: cred/,
  ],
  ["as himself", { first: "n,a=alice,n=alice,r=abc" }, /^ok alice$/],
  ["as somebody else", { first: "n,a=bob,n=alice,r=abc" }, /^final: credentials/],
  [
    "no -PLUS offered, and the client says so",
    { first: "y,,n=alice,r=abc", channel: TLS_WITHOUT_PLUS },
    /^ok/,
  ],
  ["our offer of -PLUS was cut", { first: "y,,n=alice,r=abc" }, /^first: credentials, .*cut/],
  ["binding without -PLUS", { first: `${EXPORTER}n=alice,r=abc` }, /^first: credentials/],
  ["-PLUS without binding", { mechanism: "SCRAM-SHA-256-PLUS" }, /^first: credentials/],
  [
    "-PLUS with y",
    { mechanism: "SCRAM-SHA-256-PLUS", first: "y,,n=alice,r=abc" },
    /^first: credentials/,
  ],
  [
    "-PLUS bound to us",
    {
      mechanism: "SCRAM-SHA-256-PLUS",
      first: `${EXPORTER}n=alice,r=abc`,
      bound: boundTo(EXPORTER, "this", "tls-exporter"),
    },
    /^ok alice$/,
  ],
  [
    "-PLUS bound to our certificate",
    {
      mechanism: "SCRAM-SHA-256-PLUS",
      first: "p=tls-server-end-point,,n=alice,r=abc",
      bound: boundTo("p=tls-server-end-point,,", "this", "tls-server-end-point"),
    },
    /^ok alice$/,
  ],
  [
    "-PLUS bound to somebody else",
    {
      mechanism: "SCRAM-SHA-256-PLUS",
      first: `${EXPORTER}n=alice,r=abc`,
      bound: boundTo(EXPORTER, "other", "tls-exporter"),
    },
    /^final: credentials, .*in between/,
  ],
  [
    "-PLUS bound to nothing after all",
    { mechanism: "SCRAM-SHA-256-PLUS", first: `${EXPORTER}n=alice,r=abc` },
    /^final: credentials, .*in between/,
  ],
  [
    "a binding that nobody knows",
    { mechanism: "SCRAM-SHA-256-PLUS", first: "p=tls-magic,,n=alice,r=abc" },
    /^first: credentials/,
  ],
  [
    "a binding without TLS",
    {
      mechanism: "SCRAM-SHA-256-PLUS",
      first: `${EXPORTER}n=alice,r=abc`,
      channel: fakeChannel(undefined),
    },
    /^first: credentials/,
  ],
  ["another header in c=", { bound: Buffer.from("y,,") }, /^final: credentials/],
  ["an unknown user", { first: "n,,n=mallory,r=abc" }, /^final: credentials, wrong password or/],
  [
    "the password changed",
    { backend: { password: "other" } },
    /^final: credentials, wrong password/,
  ],
  ["a mandatory extension", { first: "n,,m=1,n=alice,r=abc" }, /^first: malformed/],
  ["no header", { first: "n=alice,r=abc" }, /^first: malformed/],
  ["another flag", { first: "x,,n=alice,r=abc" }, /^first: malformed/],
  ["no name", { first: "n,,n=,r=abc" }, /^first: malformed/],
  ["no nonce", { first: "n,,n=alice,r=" }, /^first: malformed/],
  ["a nonce with a space", { first: "n,,n=alice,r=a b" }, /^first: malformed/],
  ["a nonce of 512", { first: `n,,n=alice,r=${"a".repeat(512)}` }, /^ok/],
  ["a nonce of 513", { first: `n,,n=alice,r=${"a".repeat(513)}` }, /^first: malformed/],
  ["a bare equals sign in the name", { first: "n,,n=a=b,r=abc" }, /^first: malformed/],
  ["lower-case escapes", { first: "n,,n=a=2cb,r=abc" }, /^first: malformed/],
  ["a NUL in the name", { first: "n,,n=al\0ice,r=abc" }, /^first: malformed/],
  ["a line break in the name", { first: "n,,n=al\nice,r=abc" }, /^first: malformed/],
  ["a comma in the name", { first: "n,,n=a=2Cb=3D,r=abc", backend: { user: "a,b=" } }, /^ok a,b=$/],
  ["another nonce", { change: (final) => final.replace("r=abc", "r=abd") }, /^final: malformed/],
  ["no proof", { change: (final) => final.replace(/,p=.*/, "") }, /^final: malformed/],
  ["an empty proof", { change: (final) => final.replace(/p=.*/, "p=") }, /^final: malformed/],
  ["a short proof", { change: (final) => final.replace(/p=.*/, "p=AAAA") }, /^final: credentials/],
  ["a proof that is no base64", { change: (final) => `${final}!` }, /^final: malformed/],
  ["something unsigned", { change: (final) => final.replace(",p=", ",x=1,p=") }, /^final: cred/],
  ["no final message", { change: () => "" }, /^final: malformed/],
  ["words after the end", { last: "thanks" }, /^last: malformed/],
  [
    "a locked account",
    { backend: { admitProved: async () => ({ kind: "refused", detail: "locked" }) } },
    /^final: credentials, locked/,
  ],
  [
    "a store that is down",
    { backend: { admitProved: async () => ({ kind: "temporary", detail: "down" }) } },
    /^final: temporary/,
  ],
];

for (const [why, client, want] of ROWS) {
  test(`SCRAM's server: ${why}`, async () => assert.match(await play(client), want));
}

test("our nonce is new each time", async () => {
  const nonces = new Set<string>();
  for (let count = 0; count < 3; count++) {
    const backend = fakeBackend();
    const exchange = createServerExchange("SCRAM-SHA-1", backend, TLS, FAKE_MEANS);
    const step = await exchange.next(Buffer.from("n,,n=nobody,r=abc"));
    assert.equal(step.kind, "challenge");
    if (step.kind === "challenge") nonces.add(Buffer.from(step.bytes).toString().slice(0, 29));
  }
  assert.equal(nonces.size, 3);
});

test("an unknown user sees the same salt twice", async () => {
  const salts = new Set<string | undefined>();
  for (let count = 0; count < 2; count++) {
    const exchange = createServerExchange("SCRAM-SHA-256", fakeBackend(), TLS, FAKE_MEANS);
    const step = await exchange.next(Buffer.from("n,,n=nobody,r=abc"));
    assert.equal(step.kind, "challenge");
    if (step.kind !== "challenge") continue;
    salts.add(parseServerFirst(Buffer.from(step.bytes).toString())?.salt.toString("hex"));
  }
  assert.equal(salts.size, 1);
});

test("the backend learns which of the passwords it was", async () => {
  for (const [password, otherPasswords, want] of [
    ["secret", ["a", "b"], 0],
    ["a", ["b", "secret", "c"], 2],
    ["a", ["secret", "secret"], 1],
  ] as const) {
    let learnt: number | undefined;
    const admitProved: FakeBackendOptions["admitProved"] = async (account, _, { hashIndex }) => {
      learnt = hashIndex;
      return { kind: "known", account };
    };
    assert.equal(await play({ backend: { password, otherPasswords, admitProved } }), "ok alice");
    assert.equal(learnt, want);
  }
});
