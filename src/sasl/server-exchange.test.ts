import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FAKE_MEANS,
  type FakeBackendOptions,
  fakeBackend,
  fakeChannel,
} from "./credential-backend.fake.ts";
import type { MechanismName, ServerStep } from "./mechanism.ts";
import { createServerExchange } from "./server-exchange.ts";

const TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

/** What the server says to these messages: `> challenge`, the account, or the fault's kind. */
async function talk(
  mechanism: MechanismName,
  messages: readonly (string | Uint8Array | undefined)[],
  options: FakeBackendOptions = {},
): Promise<readonly string[]> {
  const backend = fakeBackend({ password: "tanstaaftanstaaf", user: "tim", ...options });
  const exchange = createServerExchange(mechanism, backend, fakeChannel(undefined), FAKE_MEANS);
  const said: string[] = [];
  for (const message of messages) {
    const bytes = typeof message === "string" ? Buffer.from(message) : message;
    said.push(describe(await exchange.next(bytes)));
  }
  exchange.cancel();
  return said;
}

function describe(step: ServerStep<string>): string {
  switch (step.kind) {
    case "challenge":
      return `> ${Buffer.from(step.bytes).toString()}`;
    case "succeeded":
      return `ok ${step.user}`;
    default:
      return step.fault.kind;
  }
}

const BAD_UTF8 = Uint8Array.of(0, 0x74, 0xff, 0, 0x61);
const TOKEN_ERROR = '> {"status":"invalid_token"}';
const XOAUTH2_ERROR = '> {"status":"401","schemes":"bearer"}';

for (const [why, mechanism, messages, want] of [
  // RFC 4616 §4
  ["RFC 4616's Tim", "PLAIN", ["\0tim\0tanstaaftanstaaf"], ["ok tim"]],
  ["Tim asked first", "PLAIN", [undefined, "\0tim\0tanstaaftanstaaf"], ["> ", "ok tim"]],
  ["Tim as himself", "PLAIN", ["tim\0tim\0tanstaaftanstaaf"], ["ok tim"]],
  ["RFC 4616's Kurt as Ursel", "PLAIN", ["Ursel\0tim\0tanstaaftanstaaf"], ["credentials"]],
  ["wrong password", "PLAIN", ["\0tim\0TANSTAAFTANSTAAF"], ["credentials"]],
  ["another user", "PLAIN", ["\0kurt\0tanstaaftanstaaf"], ["credentials"]],
  ["two parts", "PLAIN", ["tim\0tanstaaftanstaaf"], ["malformed"]],
  ["four parts", "PLAIN", ["\0tim\0tanstaaftanstaaf\0"], ["malformed"]],
  ["no user", "PLAIN", ["\0\0tanstaaftanstaaf"], ["malformed"]],
  ["no password", "PLAIN", ["\0tim\0"], ["malformed"]],
  ["nothing", "PLAIN", [""], ["malformed"]],
  ["a line break in the user", "PLAIN", ["\0ti\nm\0tanstaaftanstaaf"], ["malformed"]],
  ["a line break in the identity", "PLAIN", ["t\rim\0tim\0tanstaaftanstaaf"], ["malformed"]],
  ["no UTF-8", "PLAIN", [BAD_UTF8], ["malformed"]],
  ["a name of 1,024", "PLAIN", [`\0${"a".repeat(1024)}\0x`], ["credentials"]],
  ["a name of 1,025", "PLAIN", [`\0${"a".repeat(1025)}\0x`], ["malformed"]],
  ["12 KiB", "PLAIN", [`\0tim\0${"a".repeat(12_283)}`], ["credentials"]],
  ["12 KiB and a byte", "PLAIN", [`\0tim\0${"a".repeat(12_284)}`], ["malformed"]],

  [
    "both prompts",
    "LOGIN",
    [undefined, "tim", "tanstaaftanstaaf"],
    ["> Username:", "> Password:", "ok tim"],
  ],
  ["the name came along", "LOGIN", ["tim", "tanstaaftanstaaf"], ["> Password:", "ok tim"]],
  [
    "an empty initial response",
    "LOGIN",
    ["", "tim", "tanstaaftanstaaf"],
    ["> Username:", "> Password:", "ok tim"],
  ],
  ["wrong password", "LOGIN", ["tim", "tanstaaf"], ["> Password:", "credentials"]],
  ["no name", "LOGIN", [undefined, ""], ["> Username:", "malformed"]],
  ["no password", "LOGIN", ["tim", ""], ["> Password:", "malformed"]],
  ["a NUL", "LOGIN", ["tim", "a\0b"], ["> Password:", "malformed"]],
  ["no UTF-8", "LOGIN", ["tim", BAD_UTF8], ["> Password:", "malformed"]],

  ["as the certificate says", "EXTERNAL", [""], ["ok "]],
  ["asked first", "EXTERNAL", [undefined, "tim"], ["> ", "ok tim"]],
  ["as somebody else", "EXTERNAL", ["kurt"], ["credentials"]],
  ["a NUL", "EXTERNAL", ["tim\0"], ["malformed"]],
  ["no UTF-8", "EXTERNAL", [BAD_UTF8], ["malformed"]],

  // RFC 7628 §4.1
  [
    "RFC 7628's example",
    "OAUTHBEARER",
    [`n,a=tim,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer ${TOKEN}\u0001\u0001`],
    ["ok tim"],
  ],
  ["the token's user", "OAUTHBEARER", [`n,,\u0001auth=bearer ${TOKEN}\u0001\u0001`], ["ok "]],
  [
    "RFC 7628's refusal",
    "OAUTHBEARER",
    ["n,a=tim,\u0001auth=Bearer x\u0001\u0001", "\u0001"],
    [TOKEN_ERROR, "credentials"],
  ],
  [
    "a question for the ways",
    "OAUTHBEARER",
    ["n,a=tim,\u0001auth=\u0001\u0001", "\u0001"],
    [TOKEN_ERROR, "credentials"],
  ],
  [
    "an answer that is no dummy",
    "OAUTHBEARER",
    ["n,,\u0001auth=Bearer x\u0001\u0001", "what?"],
    [TOKEN_ERROR, "credentials"],
  ],
  ["no header", "OAUTHBEARER", [`auth=Bearer ${TOKEN}\u0001\u0001`], ["malformed"]],
  [
    "binding",
    "OAUTHBEARER",
    [`p=tls-exporter,,\u0001auth=Bearer ${TOKEN}\u0001\u0001`],
    ["malformed"],
  ],
  ["one end", "OAUTHBEARER", [`n,,\u0001auth=Bearer ${TOKEN}\u0001`], ["malformed"]],
  ["three ends", "OAUTHBEARER", [`n,,\u0001auth=Bearer ${TOKEN}\u0001\u0001\u0001`], ["malformed"]],
  [
    "auth twice",
    "OAUTHBEARER",
    ["n,,\u0001auth=Bearer x\u0001auth=Bearer y\u0001\u0001"],
    ["malformed"],
  ],
  ["Basic", "OAUTHBEARER", ["n,,\u0001auth=Basic x\u0001\u0001"], ["malformed"]],
  ["a token with a space", "OAUTHBEARER", ["n,,\u0001auth=Bearer x y\u0001\u0001"], ["malformed"]],
  [
    "a NUL in the user",
    "OAUTHBEARER",
    [`n,a=t\0im,\u0001auth=Bearer ${TOKEN}\u0001\u0001`],
    ["malformed"],
  ],
  ["a dummy at once", "OAUTHBEARER", ["\u0001"], ["malformed"]],

  ["Google's form", "XOAUTH2", [`user=tim\u0001auth=Bearer ${TOKEN}\u0001\u0001`], ["ok tim"]],
  [
    "refused",
    "XOAUTH2",
    ["user=tim\u0001auth=Bearer x\u0001\u0001", ""],
    [XOAUTH2_ERROR, "credentials"],
  ],
  [
    "asked first",
    "XOAUTH2",
    [undefined, `user=tim\u0001auth=Bearer ${TOKEN}\u0001\u0001`],
    ["> ", "ok tim"],
  ],
  [
    "somebody else's token",
    "XOAUTH2",
    [`user=kurt\u0001auth=Bearer ${TOKEN}\u0001\u0001`, ""],
    [XOAUTH2_ERROR, "credentials"],
  ],
  ["no user", "XOAUTH2", [`user=\u0001auth=Bearer ${TOKEN}\u0001\u0001`], ["malformed"]],
  ["a line break", "XOAUTH2", [`user=t\nim\u0001auth=Bearer ${TOKEN}\u0001\u0001`], ["malformed"]],
  ["the wrong order", "XOAUTH2", [`auth=Bearer ${TOKEN}\u0001user=tim\u0001\u0001`], ["malformed"]],
  ["one end", "XOAUTH2", [`user=tim\u0001auth=Bearer ${TOKEN}\u0001`], ["malformed"]],
  [
    "something behind",
    "XOAUTH2",
    [`user=tim\u0001auth=Bearer ${TOKEN}\u0001\u0001x`],
    ["malformed"],
  ],
] as const) {
  test(`${mechanism}: ${why}`, async () => {
    assert.deepEqual(await talk(mechanism, messages, { token: TOKEN }), want);
  });
}

const TEMPORARY = { kind: "temporary", detail: "the store does not answer" } as const;
const DOWN: FakeBackendOptions = {
  checkPassword: async () => TEMPORARY,
  checkToken: async () => TEMPORARY,
  checkCertificate: async () => TEMPORARY,
  findScram: async () => "temporary",
  findNtHashes: async () => "temporary",
};

for (const [mechanism, messages, want] of [
  ["PLAIN", ["\0tim\0x"], ["temporary"]],
  ["LOGIN", ["tim", "x"], ["> Password:", "temporary"]],
  ["EXTERNAL", [""], ["temporary"]],
  ["XOAUTH2", ["user=tim\u0001auth=Bearer x\u0001\u0001"], ["temporary"]],
  ["SCRAM-SHA-256", ["n,,n=tim,r=abc"], ["temporary"]],
  ["GSSAPI", ["token"], ["temporary"]],
] as const) {
  test(`${mechanism} says so when the store is down`, async () => {
    assert.deepEqual(await talk(mechanism, messages, DOWN), want);
  });
}

test("names and passwords are prepared before the backend sees them", async () => {
  const user = "ramo\u0301n";
  const options = { user, password: "p\u212bss" };
  assert.deepEqual(await talk("PLAIN", ["\0ram\u00f3n\0p\u00c5ss"], options), ["ok ram\u00f3n"]);
  assert.deepEqual(await talk("PLAIN", [`\0${user}\0pA\u030ass`], options), ["ok ram\u00f3n"]);
  assert.deepEqual(await talk("LOGIN", [user, "p\u212bss"], options), [
    "> Password:",
    "ok ram\u00f3n",
  ]);
});

test("an exchange takes no message after its end", async () => {
  const exchange = createServerExchange("PLAIN", fakeBackend(), fakeChannel("a"), FAKE_MEANS);
  await exchange.next(Buffer.from("x"));
  await assert.rejects(exchange.next(Buffer.from("x")), /none after the end/);
});

test("a backend that rejects ends the exchange", async () => {
  const backend = fakeBackend({ checkPassword: () => Promise.reject(new Error("our fault")) });
  const exchange = createServerExchange("PLAIN", backend, fakeChannel("a"), FAKE_MEANS);
  await assert.rejects(exchange.next(Buffer.from("\0a\0b")), /our fault/);
  await assert.rejects(exchange.next(Buffer.from("\0a\0b")), /none after the end/);
});
