import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { desl, mixedChallenge, ntHash, ntlmV2Key } from "./ntlm-hash.ts";
import {
  formatAuthenticate,
  formatChallenge,
  parseAuthenticate,
  parseChallenge,
} from "./ntlm-message.ts";
import {
  answerV2,
  exportedSessionKey,
  provesV1,
  provesV2,
  readProof,
  sessionBaseKeyV2,
} from "./ntlm-response.ts";
import { parseTargetInfo } from "./ntlm-target-info.ts";
import { rc4 } from "./rc4.ts";

/** Published examples beside the repository, when they are there. */
const SUITE = join(import.meta.dirname, "../../../shared/suites/sasl/ntlm/ms-nlmp-4.2.json");
const IS_PRESENT = existsSync(SUITE);
const EXAMPLES = IS_PRESENT ? JSON.parse(readFileSync(SUITE, "utf8")) : { messages: {} };
const VERSION = Buffer.from("060070170000000f", "hex");
const CLIENT_VERSION = Buffer.from("0501280a0000000f", "hex");
const IDENTITY = { user: "User", domain: "Domain" };
const SERVER_CHALLENGE = Buffer.from("0123456789abcdef", "hex");
const CLIENT_CHALLENGE = Buffer.alloc(8, 0xaa);
const SESSION_KEY = Buffer.alloc(16, 0x55);
const HASH = ntHash("Password");

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function message(name: string): Buffer {
  const found = Object.entries<string>(EXAMPLES.messages).find(([key]) => key.startsWith(name));
  assert.ok(found !== undefined, name);
  return Buffer.from(found[1], "hex");
}

function example(name: string, run: () => void): void {
  test(`MS-NLMP 4.2: ${name}`, (t) => {
    if (IS_PRESENT) run();
    else t.diagnostic("the NTLM examples are not present: nothing compared");
  });
}

/** The examples' client, which exchanges keys. */
function answer() {
  const targetInfo = parseChallenge(message("challenge_ntlmv2_4.2.4.3"))?.targetInfo;
  assert.ok(targetInfo !== undefined);
  return answerV2(
    { ...IDENTITY, hash: HASH, clientChallenge: CLIENT_CHALLENGE },
    { serverChallenge: SERVER_CHALLENGE, timestamp: Buffer.alloc(8), pairs: targetInfo },
  );
}

example("keys and responses of v1", () => {
  assert.equal(hexOf(HASH), EXAMPLES["4.2.2.1.2_NTOWFv1"]);
  assert.equal(hexOf(desl(HASH, SERVER_CHALLENGE)), EXAMPLES["4.2.2.2.1_NTLMv1_response"]);
  const mixed = mixedChallenge(SERVER_CHALLENGE, CLIENT_CHALLENGE);
  assert.equal(hexOf(desl(HASH, mixed)), EXAMPLES["4.2.3.2_ESS_NTLMv1_response"]);
});

example("keys and responses of v2", () => {
  assert.equal(hexOf(ntlmV2Key(HASH, IDENTITY)), EXAMPLES["4.2.4.1.1_NTOWFv2"]);
  const { ntResponse, lmResponse, sessionBaseKey } = answer();
  assert.equal(hexOf(ntResponse.subarray(0, 16)), EXAMPLES["4.2.4.2.2_NTProofStr"]);
  assert.equal(hexOf(ntResponse.subarray(16)), EXAMPLES["4.2.4.1.3_temp"]);
  assert.equal(hexOf(lmResponse), EXAMPLES["4.2.4.2.1_LMv2_response"]);
  assert.equal(hexOf(sessionBaseKey), EXAMPLES["4.2.4.1.2_SessionBaseKey_v2"]);
  const sealed = rc4(sessionBaseKey, SESSION_KEY);
  assert.equal(hexOf(sealed), EXAMPLES["4.2.4.2.3_EncryptedSessionKey_v2"]);
});

example("the challenge of v2, read and written", () => {
  const bytes = message("challenge_ntlmv2_4.2.4.3");
  const challenge = parseChallenge(bytes);
  assert.ok(challenge !== undefined);
  assert.deepEqual(challenge.serverChallenge, SERVER_CHALLENGE);
  const written = formatChallenge({ ...challenge, targetName: "Server", version: VERSION });
  assert.equal(hexOf(written), hexOf(bytes));
});

example("the answer of v2, read and written", () => {
  const bytes = message("authenticate_ntlmv2_4.2.4.3");
  const parsed = parseAuthenticate(bytes);
  assert.ok(parsed !== undefined);
  const { user, domain, workstation } = parsed;
  assert.deepEqual({ user, domain, workstation }, { ...IDENTITY, workstation: "COMPUTER" });
  assert.deepEqual(
    exportedSessionKey(parsed, sessionBaseKeyV2(parsed, HASH)),
    SESSION_KEY,
    "the key that the client has chosen",
  );
  const { ntResponse, lmResponse, sessionBaseKey } = answer();
  const written = formatAuthenticate(
    {
      ...IDENTITY,
      workstation: "COMPUTER",
      flags: parsed.flags,
      ntResponse,
      lmResponse,
      sessionKey: rc4(sessionBaseKey, SESSION_KEY),
    },
    { hasMic: false, version: CLIENT_VERSION },
  );
  assert.equal(hexOf(written), hexOf(bytes));
});

example("the messages of v1", () => {
  const challenge = parseChallenge(message("challenge_ntlmv1_4.2.2.3"));
  assert.deepEqual(challenge?.serverChallenge, SERVER_CHALLENGE);
  const parsed = parseAuthenticate(message("authenticate_ntlmv1_4.2.2.3"));
  assert.ok(parsed !== undefined);
  assert.deepEqual(readProof(parsed), { kind: "v1" });
  const to = { hash: HASH, serverChallenge: SERVER_CHALLENGE };
  assert.equal(provesV1(parsed, to), true);
  assert.equal(provesV1(parsed, { ...to, hash: ntHash("password") }), false);
});

example("a server accepts the answer of v2, and no other one", () => {
  const bytes = message("authenticate_ntlmv2_4.2.4.3");
  const to = { hash: HASH, serverChallenge: SERVER_CHALLENGE };
  const accepts = (changed: Buffer): boolean => {
    const parsed = parseAuthenticate(changed);
    return parsed !== undefined && readProof(parsed)?.kind === "v2" && provesV2(parsed, to);
  };
  assert.equal(accepts(bytes), true);
  const ntAt = bytes.readUInt32LE(24);
  for (let at = ntAt; at < ntAt + bytes.readUInt16LE(20); at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << bit);
      assert.equal(accepts(changed), false, `byte ${at}, bit ${bit}`);
    }
  }
  const parsed = parseAuthenticate(bytes);
  assert.ok(parsed !== undefined);
  for (const [change, want] of [
    [{ user: "USER" }, true],
    [{ user: "uSeR" }, true],
    [{ user: "Users" }, false],
    [{ domain: "DOMAIN" }, false],
    [{ domain: "domain" }, false],
    [{ domain: "" }, false],
  ] as const) {
    assert.equal(provesV2({ ...parsed, ...change }, to), want, JSON.stringify(change));
  }
});

example("answers with channel bindings, by MailKit", () => {
  for (const name of ["authenticate_v2_with_zero", "authenticate_v2_with_channel"]) {
    const parsed = parseAuthenticate(message(name));
    assert.ok(parsed !== undefined, name);
    const proof = readProof(parsed);
    assert.ok(proof?.kind === "v2", name);
    const to = { hash: HASH, serverChallenge: SERVER_CHALLENGE };
    assert.equal(provesV2(parsed, to), true, name);
    assert.equal(proof.pairs.find(({ id }) => id === 10)?.value.length, 16, name);
  }
});

example("an answer without version", () => {
  const parsed = parseAuthenticate(message("authenticate_mic_noversion"));
  assert.equal(parsed?.user, "caf\u00e9");
  assert.equal(parsed?.workstation, "caf\u00e9");
});

test("target information is read up to its end, and refused when cut", () => {
  const info = Buffer.from("02000c0044006f006d00610069006e0000000000ffff", "hex");
  assert.equal(parseTargetInfo(info)?.length, 1);
  assert.equal(parseTargetInfo(Buffer.alloc(0))?.length, 0);
  assert.equal(parseTargetInfo(Buffer.alloc(4))?.length, 0);
  for (const length of [1, 3, 4, 10, 16, 19]) {
    assert.equal(parseTargetInfo(info.subarray(0, length)), undefined, `${length} bytes`);
  }
});
