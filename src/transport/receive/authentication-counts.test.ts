import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../base/metrics.ts";
import {
  type AuthenticationResult,
  type SenderAuthentication,
  unknownAuthentication,
} from "../../mailauth/sender-authentication.ts";
import { countingCheck } from "./authentication-counts.ts";

const QUESTION = { clientAddress: "192.0.2.1", helo: "x", sender: "", serverName: "y" };
const UNKNOWN = unknownAuthentication(QUESTION);

function found(
  spf: AuthenticationResult,
  dkim: readonly AuthenticationResult[],
  dmarc: SenderAuthentication["dmarc"]["result"],
): SenderAuthentication {
  return {
    ...UNKNOWN,
    spf: { ...UNKNOWN.spf, result: spf },
    dkim: dkim.map((result) => ({ result, domain: "", selector: "", algorithm: "" })),
    dmarc: { ...UNKNOWN.dmarc, result: dmarc },
  };
}

for (const [why, answer, want] of [
  ["all pass", found("pass", ["pass"], "pass"), "spf_pass dkim_pass dmarc_pass"],
  [
    "one good signature is enough",
    found("none", ["fail", "pass"], "pass"),
    "spf_none dkim_pass dmarc_pass",
  ],
  ["no signature", found("softfail", [], "fail"), "spf_fail dkim_none dmarc_fail"],
  [
    "a doubtful one",
    found("neutral", ["permerror", "none"], "none"),
    "spf_none dkim_error dmarc_none",
  ],
  ["nothing could be found out", UNKNOWN, "spf_error dkim_error dmarc_error"],
] as const) {
  test(`counted once per method: ${why}`, async () => {
    const { add, snapshot } = createMetrics();
    const check = countingCheck(async () => answer, add);
    assert.equal(await check(QUESTION, undefined), answer);
    const counted = Object.entries(snapshot().values).filter(([, count]) => count > 0);
    assert.deepEqual(
      counted.map(([name, count]) => `${name.replace(/^.*:/, "")} ${count}`),
      want.split(" ").map((name) => `${name} 1`),
    );
  });
}
