import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsFacts } from "../../smtp/session-handler.ts";
import { selectMechanism } from "./logon-mechanism.ts";

const TLS: TlsFacts = { version: "TLSv1.3", cipher: "TLS_X", serverName: undefined };
const BOUND: TlsFacts = { ...TLS, channelBinding: () => Uint8Array.of(1) };
const OLD: TlsFacts = {
  ...TLS,
  channelBinding: (type) => (type === "tls-exporter" ? undefined : Uint8Array.of(1)),
};
const ALL = ["LOGIN", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];

for (const [setting, mechanisms, tls, want] of [
  ["BasicAuth", ALL, BOUND, "SCRAM-SHA-256-PLUS"],
  ["BasicAuth", ALL, TLS, "SCRAM-SHA-256"],
  ["BasicAuth", ALL, OLD, "SCRAM-SHA-256"],
  ["BasicAuth", ALL, undefined, "SCRAM-SHA-256"],
  ["BasicAuth", ["LOGIN", "PLAIN"], undefined, "PLAIN"],
  ["BasicAuth", ["LOGIN"], undefined, "LOGIN"],
  ["BasicAuth", ["NTLM"], TLS, /^NTLM is offered where BasicAuth needs SCRAM-SHA-256, .*LOGIN/],
  ["BasicAuth", [], undefined, /no AUTH is offered .* it may offer AUTH over TLS only/],
  ["BasicAuth", [], TLS, /no AUTH is offered .* it wants no logon, or another port/],
  ["BasicAuthRequireTLS", ["PLAIN"], TLS, "PLAIN"],
  ["BasicAuthRequireTLS", ALL, undefined, /^BasicAuthRequireTLS needs TLS/],
  ["OAuth", ["XOAUTH2", "OAUTHBEARER"], TLS, "XOAUTH2"],
  ["OAuth", ["OAUTHBEARER"], TLS, "OAUTHBEARER"],
  ["OAuth", ["XOAUTH2"], undefined, /^OAuth needs TLS/],
  ["Ntlm", ["NTLM", "PLAIN"], undefined, "NTLM"],
  ["Certificate", ["EXTERNAL"], TLS, "EXTERNAL"],
  ["Certificate", ["PLAIN"], TLS, /^PLAIN is offered where Certificate needs EXTERNAL/],
] as const) {
  const channel = tls === undefined ? "in clear" : "over TLS";
  const where = `${mechanisms.join(" ") || "nothing"} ${channel}`;
  test(`selectMechanism: ${setting}, offered ${where}`, () => {
    const chosen = selectMechanism({ smartHostAuthMechanism: setting }, { mechanisms, tls });
    const text = chosen.ok ? chosen.value : chosen.fault;
    if (want instanceof RegExp) assert.match(text, want);
    else assert.deepEqual(chosen, { ok: true, value: want });
  });
}
