import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AuthenticationResult,
  type DmarcResult,
  unknownAuthentication,
} from "./sender-authentication.ts";
import { unprovenIdentities } from "./unproven-identities.ts";

const QUESTION = { clientAddress: "192.0.2.1", helo: "h", sender: "a@a.test", serverName: "s" };
const UNKNOWN = unknownAuthentication(QUESTION);
const SPF = (result: AuthenticationResult, identity: "mailfrom" | "helo" = "mailfrom") => ({
  spf: { result, identity, domain: "fabrikam.test" },
});
const DMARC = (result: DmarcResult["result"], more: Partial<DmarcResult> = {}) => ({
  dmarc: { ...UNKNOWN.dmarc, domain: "news.fabrikam.test", result, ...more },
});
const DKIM = (result: AuthenticationResult, domain: string) => ({
  dkim: [{ result, domain, selector: "s", algorithm: "rsa-sha256" }],
});

for (const [why, found, want] of [
  ["nothing could be checked", {}, ["sender", "author"]],
  ["SPF passes", SPF("pass"), ["author"]],
  ["SPF of HELO says nothing of the sender", SPF("pass", "helo"), ["sender", "author"]],
  ["SPF is weak", SPF("softfail"), ["sender", "author"]],
  ["DMARC passes", DMARC("pass"), ["sender"]],
  ["DMARC fails", { ...SPF("pass"), ...DMARC("fail") }, ["author"]],
  ["signed by the author", { ...DMARC("none"), ...DKIM("pass", "news.fabrikam.test") }, ["sender"]],
  ["by a domain above", { ...DMARC("none"), ...DKIM("pass", "Fabrikam.test") }, ["sender"]],
  ["by another", { ...DMARC("none"), ...DKIM("pass", "abrikam.test") }, ["sender", "author"]],
  [
    "by one below",
    { ...DMARC("none"), ...DKIM("pass", "x.news.fabrikam.test") },
    ["sender", "author"],
  ],
  [
    "a broken signature",
    { ...DMARC("none"), ...DKIM("fail", "fabrikam.test") },
    ["sender", "author"],
  ],
  [
    "signed, but DMARC fails",
    { ...DMARC("fail"), ...DKIM("pass", "fabrikam.test") },
    ["sender", "author"],
  ],
  [
    "several authors",
    { ...DMARC("none", { hasSeveralFrom: true }), ...DKIM("pass", "fabrikam.test") },
    ["sender", "author"],
  ],
] as const) {
  test(`unprovenIdentities: ${why}`, () => {
    assert.deepEqual(unprovenIdentities({ ...UNKNOWN, ...found }), want);
  });
}
