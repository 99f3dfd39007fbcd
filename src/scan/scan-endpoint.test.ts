import assert from "node:assert/strict";
import { test } from "node:test";
import { formatScanEndpoint, parseScanEndpoint } from "./scan-endpoint.ts";

for (const [text, want] of [
  ["127.0.0.1:3310", { kind: "tcp", host: "127.0.0.1", port: 3310 }],
  ["clamd.contoso.test:3310", { kind: "tcp", host: "clamd.contoso.test", port: 3310 }],
  ["[::1]:11333", { kind: "tcp", host: "::1", port: 11_333 }],
  ["/run/clamav/clamd.ctl", { kind: "unix", path: "/run/clamav/clamd.ctl" }],
  ["unix:/run/clamd.ctl", { kind: "unix", path: "/run/clamd.ctl" }],
  [`/${"x".repeat(106)}`, { kind: "unix", path: `/${"x".repeat(106)}` }],
  [`/${"x".repeat(107)}`, undefined],
  ["/run/a\0b", undefined],
  ["unix:run/clamd", undefined],
  ["127.0.0.1", undefined],
  ["127.0.0.1:0", undefined],
  ["127.0.0.1:65536", undefined],
  ["::1:3310", undefined],
  ["[127.0.0.1]:3310", undefined],
  ["host name:1", undefined],
  ["-a:1", undefined],
  [":1", undefined],
  ["", undefined],
] as const) {
  test(`parseScanEndpoint: ${JSON.stringify(text.slice(0, 40))}`, () => {
    const parsed = parseScanEndpoint(text);
    assert.deepEqual(parsed.ok ? parsed.value : undefined, want);
    if (!parsed.ok) return;
    assert.equal(formatScanEndpoint(parsed.value), text.replace(/^unix:/, ""));
  });
}
