import assert from "node:assert/strict";
import { test } from "node:test";
import { openRoom } from "./organization-room.fake.ts";

const BASE = "server: { fqdn: mail.contoso.test }\nacceptedDomains: [{ name: contoso.test }]\n";
const OIDC = {
  issuer: "https://evil.test",
  clientId: "c",
  clientSecret: "hush hush",
  roleGroups: ["*=Organization Management"],
};
const OPERATOR = { name: "olga", roleGroups: ["Server Management"] } as const;

test("who runs the server does not say who else may sign in, and as what", async () => {
  const { runAs, organization, objects, audited } = await openRoom(BASE);
  const set = { cmdlet: "Set-TransportServer", whatIf: false };
  for (const whatIf of [false, true]) {
    const parameters = { Admin: { Oidc: OIDC } };
    const last = (await runAs(OPERATOR, { ...set, parameters, whatIf })).at(-1);
    assert.ok(last?.kind === "failed", JSON.stringify(last));
    assert.equal(last.code, "forbidden");
    assert.match(last.message, /-Admin .* needs the role Organization Management/);
  }
  const oidc = () => organization.organization.server.admin.oidc;
  assert.equal(oidc()?.issuer, undefined);
  // Nor does a token that may run this cmdlet and no other: it would make itself an administrator.
  const scoped = {
    roleGroups: ["Organization Management"],
    cmdlets: ["set-transportserver"],
  } as const;
  const token = { name: "token t (root)", ...scoped };
  const refused = (await runAs(token, { ...set, parameters: { Admin: { Oidc: OIDC } } })).at(-1);
  assert.ok(refused?.kind === "failed" && refused.code === "forbidden", JSON.stringify(refused));
  const allowed = await runAs(token, { ...set, parameters: { Fqdn: "mx2.contoso.test" } });
  assert.equal(allowed.at(-1)?.kind, "done");
  const fqdn = await runAs(OPERATOR, { ...set, parameters: { Fqdn: "mx.contoso.test" } });
  assert.equal(fqdn.at(-1)?.kind, "done");
  await objects("Set-TransportServer", { Admin: { Oidc: OIDC } });
  assert.equal(oidc()?.issuer, "https://evil.test");
  const [shown] = await objects("Get-TransportServer");
  assert.doesNotMatch(JSON.stringify([shown, audited]), /hush/);
});
