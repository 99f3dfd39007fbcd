import assert from "node:assert/strict";
import { test } from "node:test";
import { browserName } from "./browser-name.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
for (const [userAgent, name] of [
  ["Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox 120, Linux"],
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/131.0.0.0 Safari/537.36`, "Chrome 131, Linux"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64) ${WEBKIT} Chrome/131.0 Safari/537.36 Edg/131.0`,
    "Edge 131, Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1 " +
      "Version/17.1 Mobile/15E148 Safari/604.1",
    "Safari 17, iOS",
  ],
  ["curl/8.5.0", "curl 8"],
  ["", ""],
  [`something/${"x".repeat(1000)}`, `something/${"x".repeat(30)}`],
] as const) {
  test(`"${userAgent.slice(0, 60)}" is ${name}`, () => assert.equal(browserName(userAgent), name));
}
