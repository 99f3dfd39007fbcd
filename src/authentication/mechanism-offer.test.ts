import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuthMechanism } from "../org/organization.ts";
import { offeredMechanisms } from "./mechanism-offer.ts";

const SCRAM = "SCRAM-SHA-256 SCRAM-SHA-1";
const SCRAM_TLS = "SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1";

for (const [why, authMechanism, clear, encrypted] of [
  ["None", ["None"], "", ""],
  ["TLS alone", ["Tls"], "", ""],
  ["BasicAuth", ["Tls", "BasicAuth"], `${SCRAM} PLAIN LOGIN`, `${SCRAM_TLS} PLAIN LOGIN`],
  [
    "passwords over TLS only",
    ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
    SCRAM,
    `${SCRAM_TLS} PLAIN LOGIN`,
  ],
  ["Integrated", ["Tls", "Integrated"], "GSSAPI NTLM", "GSSAPI NTLM"],
  ["OAuth", ["Tls", "OAuth"], "", "OAUTHBEARER XOAUTH2"],
  ["Certificate", ["Tls", "Certificate"], "", "EXTERNAL"],
  ["ExternalAuthoritative", ["Tls", "ExternalAuthoritative"], "", ""],
  [
    "everything",
    ["Tls", "BasicAuth", "Integrated", "OAuth", "Certificate"],
    `GSSAPI ${SCRAM} NTLM PLAIN LOGIN`,
    `EXTERNAL GSSAPI ${SCRAM_TLS} OAUTHBEARER XOAUTH2 NTLM PLAIN LOGIN`,
  ],
] as const satisfies readonly (readonly [string, readonly AuthMechanism[], string, string])[]) {
  test(`offeredMechanisms: ${why}`, () => {
    const connector = { authMechanism, enableAuthGSSAPI: true };
    const offer = (isEncrypted: boolean) =>
      offeredMechanisms(connector, { encrypted: isEncrypted, hasKerberos: true }).join(" ");
    assert.deepEqual([offer(false), offer(true)], [clear, encrypted]);
  });
}

test("GSSAPI is offered with EnableAuthGSSAPI and a keytab only", () => {
  const authMechanism = ["Integrated"] as const;
  for (const enableAuthGSSAPI of [false, true]) {
    for (const hasKerberos of [false, true]) {
      const offered = offeredMechanisms(
        { authMechanism, enableAuthGSSAPI },
        { encrypted: true, hasKerberos },
      );
      assert.equal(offered.includes("GSSAPI"), enableAuthGSSAPI && hasKerberos);
    }
  }
});
