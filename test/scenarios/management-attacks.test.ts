import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { ROLE_GROUPS } from "../../src/cmdlet/role-group.ts";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { openHttps } from "../harness/rest-client.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";

const SECRET = "hunter2 hunter2 hunter2";
/** What no cmdlet may put out: secrets as they are, as hashes, sealed, or as keys. */
const SECRETS = new RegExp(
  `${SECRET}|correct horse|SCRAM-SHA-|storedKey|\\$argon2|sealed:|PRIVATE KEY|\\bp[st]_[\\w-]{20}`,
);

async function start(t: Scope) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  const server = await startServer(t, { configuration });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const tokenOf = async (group: string) => {
    const parameters = { Name: group.replaceAll(" ", "-"), RoleGroups: [group] };
    const [made] = await runCmdlet(server, "New-ApiToken", parameters);
    return textOf(made?.["Token"]);
  };
  return { server, https, tokenOf };
}

test("who may only read changes nothing, and no group reads a secret", async (t) => {
  const { server, https, tokenOf } = await start(t);
  await runCmdlet(server, "New-Administrator", {
    Name: "carol",
    Password: SECRET,
    RoleGroups: ["Help Desk"],
  });
  await runCmdlet(server, "Enable-AdministratorTotp", { Identity: "carol" });
  await runCmdlet(server, "New-SendConnector", {
    Name: "Partner",
    AddressSpaces: ["SMTP:fabrikam.test;1"],
    SmartHosts: ["[127.0.0.1]"],
    RequireTLS: true,
    SmartHostAuthMechanism: "BasicAuthRequireTLS",
    AuthenticationCredential: { UserName: "u", Password: SECRET },
  });
  const [app] = await runCmdlet(server, "New-AppPassword", {
    Mailbox: "alice",
    Name: "Scanner",
    Force: true,
  });
  const appPassword = textOf(app?.["Password"]);
  assert.match(appPassword, /^[\w-]{20,}$/);
  for (const group of ROLE_GROUPS) {
    const token = await tokenOf(group);
    const isReader = /^(?:Help Desk|View-Only)/.test(group);
    for (const { name, effect, parameters, isRecorded } of ALL_CMDLETS.all) {
      const needed = Object.entries(parameters).filter(
        ([, { presence }]) => presence === "required",
      );
      // Most of them have a mailbox to tell of.
      const given = Object.fromEntries(needed.map(([parameter]) => [parameter, "alice"]));
      const isVague = needed.some(([parameter]) => !/^(?:Identity|Mailbox)$/.test(parameter));
      const isWholeConfiguration = name === "Export-PostriderConfiguration";
      if (effect === "reads" && isVague) continue;
      if (effect === "changes" && !isReader) continue;
      // For those who may have it, hashes are in it.
      if (isWholeConfiguration && group === "Organization Management") continue;
      for (const whatIf of [false, true]) {
        const body = { cmdlet: name.toUpperCase(), parameters: given, whatIf };
        const text = JSON.stringify((await https("POST /api/v1/run", { token, body })).body);
        assert.doesNotMatch(text, SECRETS, `${group}: ${name}`);
        assert.ok(!text.includes(appPassword), `${group}: ${name}`);
        const isShut = (effect === "changes" && !/-MessageTraceLink$/.test(name)) || isRecorded;
        if (isShut === true && isReader) assert.match(text, /forbidden/, `${group}: ${name}`);
      }
    }
  }
});

test("nobody over the network has the server use its disk as he likes", async (t) => {
  const { server, https, tokenOf } = await start(t);
  const elsewhere = await temporaryFolder(t);
  const all = await tokenOf("Organization Management");
  const backup = "POST /api/v1/postrider/backup";
  for (const Path of [elsewhere, join(server.dataFolder, "backups", "..", "certificates", "x")]) {
    const refused = await https(backup, { token: all, body: { Path } });
    assert.equal(refused.status, 403);
  }
  assert.deepEqual(await readdir(elsewhere), []);
  const Path = join(server.dataFolder, "backups", "monday");
  assert.equal((await https(backup, { token: all, body: { Path } })).status, 200);
  assert.equal((await stat(join(server.dataFolder, "backups"))).mode & 0o777, 0o700);
  const restore = { token: all, body: { Path: "/etc" } };
  const probe = await https("POST /api/v1/postrider/restore?whatIf=true", restore);
  assert.equal(probe.status, 403, "not even whether something is there");
  const set = { body: { PickupDirectoryPath: elsewhere, Force: true } };
  for (const group of ["Server Management", "Hygiene Management"]) {
    const token = await tokenOf(group);
    for (const what of ["", "?whatIf=true"]) {
      const { status } = await https(`PATCH /api/v1/transport-service${what}`, { token, ...set });
      assert.equal(status, 403, group);
    }
  }
});

test("what gives mail and configuration away is in the audit log", async (t) => {
  const { server } = await start(t);
  await tryCmdlet(server, "Export-Message", { Identity: "17" });
  await runCmdlet(server, "Export-PostriderConfiguration");
  const audit = await runCmdlet(server, "Search-AdminAuditLog");
  assert.deepEqual(
    audit.map((one) => one["CmdletName"]),
    ["Export-PostriderConfiguration", "Export-Message"],
  );
});

test("no file of the data directory is for others, and only logs are for the group", async (t) => {
  const { server } = await start(t);
  const files = await readdir(server.dataFolder, { recursive: true, withFileTypes: true });
  const open: string[] = [];
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const { mode } = await stat(path);
    // A certificate is shown to everybody anyway.
    if ((mode & 0o027) !== 0 && !path.endsWith(".crt")) open.push(`${path} ${mode.toString(8)}`);
  }
  assert.deepEqual(open, []);
});
