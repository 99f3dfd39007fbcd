import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { TOTP } from "otpauth";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { OpenApiClient } from "../harness/openapi-client.ts";
import { openHttps, openSocket, type RestClient } from "../harness/rest-client.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer, type TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse battery";
const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");

async function start(t: Scope) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  const server = await startServer(t, { configuration });
  const { fqdn } = { fqdn: "mail.contoso.test", ...(configuration["server"] ?? {}) };
  return { server, https: await openHttps(server, { port: adminPort, name: fqdn }) };
}

async function commandLine(server: TestServer, ...words: readonly string[]) {
  const options = ["--data-dir", server.dataFolder, "-Format", "json", "-Confirm:$false"];
  const run = promisify(execFile)(POSTRIDER, [...words, ...options]);
  const { stdout, stderr } = await run;
  return { stdout, stderr };
}

async function tokenOf(answer: ReturnType<RestClient>): Promise<string> {
  const { status, body } = await answer;
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(typeof body === "object" && body !== null && "token" in body);
  return String(body.token);
}

function logIn(https: RestClient, name: string, more: object = {}): ReturnType<RestClient> {
  return https("POST /api/v1/login", { body: { name, password: PASSWORD, ...more } });
}

/** Everything that the server has written, as one text. */
async function writtenBy(server: TestServer): Promise<string> {
  const files = await readdir(server.dataFolder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), "latin1"));
  return [server.output, ...(await Promise.all(texts))].join("\n");
}

test("with a second factor and the document one runs every cmdlet of access", async (t) => {
  const { server, https } = await start(t);
  const alice = { Name: "alice", Password: PASSWORD, RoleGroups: ["Organization Management"] };
  await runCmdlet(server, "New-Administrator", alice);
  const [totp] = await runCmdlet(server, "Enable-AdministratorTotp", { Identity: "alice" });
  const secret = textOf(totp?.["Secret"]);
  const authenticator = new TOTP({ secret });
  const Code = authenticator.generate();
  await runCmdlet(server, "Enable-AdministratorTotp", { Identity: "alice", Code });
  assert.equal((await logIn(https, "alice")).status, 401);
  // The code that has confirmed it is used up; the one of the step to come counts already.
  const totpCode = authenticator.generate({
    timestamp: Date.parse(new Date().toISOString()) + 30_000,
  });
  const token = await tokenOf(logIn(https, "alice", { totp: totpCode }));
  const client = await OpenApiClient.open(https, token);
  const seen: string[] = [];
  const call = async (name: string, values = {}) => {
    seen.push(name);
    const { status, values: found, error } = await client.call(name, values);
    assert.equal(status, 200, `${name}: ${JSON.stringify(error)}`);
    return found;
  };
  // What makes passkeys is in sign-in.test.ts, and so is what takes them away.
  await call("New-AdministratorRecoveryCode", { Identity: "alice" });
  seen.push("Get-AdministratorPasskey", "Remove-AdministratorPasskey");
  const bob = { Name: "bob", Password: PASSWORD, RoleGroups: ["Help Desk"] };
  await call("New-Administrator", bob);
  const names = (await call("Get-Administrator", { SortOrder: "-Name" })).map((one) => one["Name"]);
  assert.deepEqual(names, ["bob", "alice"]);
  await call("Set-Administrator", { Identity: "bob", RoleGroups: ["Records Management"] });
  const [pending] = await call("Enable-AdministratorTotp", { Identity: "bob" });
  assert.equal(pending?.["TotpState"], "Pending");
  await call("Disable-AdministratorTotp", { Identity: "bob" });
  const bobs = await tokenOf(logIn(https, "bob"));
  const [session] = await call("Get-AdministratorSession", { Administrator: "bob" });
  assert.equal(session?.["ClientIP"], "127.0.0.1");
  await call("Remove-AdministratorSession", { Identity: session?.["Identity"] });
  assert.equal((await https("GET /api/v1/session", { token: bobs })).status, 401);
  const scope = { Cmdlets: ["Get-RoleGroup"], ExpirationDate: "now+1h" };
  const view = { Name: "view", RoleGroups: ["View-Only Organization Management"], ...scope };
  const [made] = await call("New-ApiToken", view);
  const narrow = await OpenApiClient.open(https, String(made?.["Token"]));
  assert.equal((await narrow.call("Get-RoleGroup", { Name: "Help Desk" })).status, 200);
  assert.equal((await narrow.call("Get-ApiToken")).status, 403);
  assert.equal((await call("Get-ApiToken")).length, 1);
  await call("Remove-ApiToken", { Identity: "view" });
  await call("Get-RoleGroup");
  await call("Remove-Administrator", { Identity: "bob" });
  const audit = await call("Search-AdminAuditLog", { UserIds: "alice", ObjectIds: ["*bob"] });
  assert.deepEqual(
    audit.map((one) => one["CmdletName"]),
    [
      "Remove-Administrator",
      "Remove-AdministratorSession",
      "Disable-AdministratorTotp",
      "Enable-AdministratorTotp",
      "Set-Administrator",
      "New-Administrator",
    ],
  );
  assert.equal(audit[0]?.["ClientIP"], "127.0.0.1");
  const ours = client.operations.filter((name) =>
    /-(?:Admin(?:istrator.*|AuditLog)|ApiToken|RoleGroup)$/.test(name),
  );
  assert.deepEqual([...new Set(seen)].toSorted(), ours.toSorted());
  for (const hidden of [PASSWORD, secret, token, bobs, String(made?.["Token"])]) {
    assert.ok(!(await writtenBy(server)).includes(hidden), "a secret was written down");
  }
});

test("every cmdlet of this room runs from the command line", async (t) => {
  const { server, https } = await start(t);
  const password = ["-Password", PASSWORD];
  const lines: readonly (readonly [readonly string[], RegExp])[] = [
    [["New-Administrator", "carol", ...password, "-RoleGroups", "Help Desk"], /"Name": ?"carol"/],
    [["Get-Administrator", "CAROL"], /"Help Desk"/],
    [["Set-Administrator", "carol", "-Enabled:$true"], /"Enabled": ?true/],
    [["Enable-AdministratorTotp", "carol"], /"Uri": ?"otpauth:/],
    [["Disable-AdministratorTotp", "carol"], /"TotpState": ?"Disabled"/],
    [["New-ApiToken", "m", "-RoleGroups", "Help Desk"], /"Token": ?"pt_/],
    [["Get-ApiToken", "-Filter", "CreatedBy -eq 'root'"], /"Name": ?"m"/],
    [["Remove-ApiToken", "m"], /^\s*(?:\[\])?\s*$/],
    [["Get-RoleGroup", "-Name", "Help Desk"], /"carol"/],
    [["Remove-Administrator", "carol"], /^\s*(?:\[\])?\s*$/],
    [["Search-AdminAuditLog", "-ResultSize", "1"], /"Remove-Administrator"/],
  ];
  for (const [words, expected] of lines) {
    const { stdout } = await commandLine(server, ...words);
    assert.match(stdout, expected, words.join(" "));
  }
  await runCmdlet(server, "New-Administrator", {
    Name: "dave",
    Password: PASSWORD,
    RoleGroups: ["Help Desk"],
  });
  await tokenOf(logIn(https, "dave"));
  const { stdout } = await commandLine(server, "Get-AdministratorSession", "dave");
  const [, id = ""] = /"Identity": ?"([\w-]+)"/.exec(stdout) ?? [];
  await commandLine(server, "Remove-AdministratorSession", id);
  assert.deepEqual(await runCmdlet(server, "Get-AdministratorSession"), []);
});

test("without login, session or token there is nothing but health", async (t) => {
  const { server, https } = await start(t);
  const { body } = await openSocket(server)("GET /api/openapi.json");
  assert.ok(typeof body === "object" && body !== null && "paths" in body);
  const open: string[] = [];
  for (const [path, methods] of Object.entries(body.paths ?? {})) {
    for (const method of Object.keys(methods ?? {})) {
      const what = `${method.toUpperCase()} ${path}`;
      const takesBody = method === "post" || method === "patch";
      const { status } = await https(what, takesBody ? { body: {} } : {});
      if (status !== 401) open.push(`${method} ${path} ${status}`);
    }
  }
  // Figures are shown on this machine.
  assert.deepEqual(open, [
    "post /api/v1/login 400",
    "get /healthz 200",
    "get /readyz 200",
    "get /metrics 200",
    "get /api/v1/sign-in 200",
    "post /api/v1/setup 400",
    "post /api/v1/passkey/options 409",
    "post /api/v1/passkey 409",
    // Back to the page of sign-in: no provider is set up. And a story needs its signed link.
    "get /api/v1/oidc 303",
    "get /api/v1/oidc/callback 303",
    "get /api/v1/story/{reference} 404",
  ]);
});

test("who guesses is held back; tokens and audit log outlive a kill, sessions don't", async (t) => {
  const { server, https } = await start(t);
  const RoleGroups = ["View-Only Organization Management"];
  for (const Name of ["alice", "bob"]) {
    await runCmdlet(server, "New-Administrator", { Name, Password: PASSWORD, RoleGroups });
  }
  const [made] = await runCmdlet(server, "New-ApiToken", { Name: "t", RoleGroups });
  const session = await tokenOf(logIn(https, "bob"));
  const audited = () => runCmdlet(server, "Search-AdminAuditLog", { Cmdlets: ["New-*"] });
  const before = await audited();
  for (let count = 0; count < 5; count += 1) {
    for (const name of ["nobody", "alice"]) {
      const guess = { body: { name, password: "wrong" } };
      assert.equal((await https("POST /api/v1/login", guess)).status, 401);
    }
  }
  for (const name of ["nobody", "alice"]) {
    assert.equal(
      (await https("POST /api/v1/login", { body: { name, password: "wrong" } })).status,
      429,
    );
  }
  await server.kill9();
  await server.start();
  assert.deepEqual(await audited(), before);
  assert.equal((await https("GET /api/v1/session", { token: session })).status, 401);
  const token = textOf(made?.["Token"]);
  assert.equal((await https("GET /api/v1/administrator", { token })).status, 200);
  const refused = await https("POST /api/v1/administrator", { token, body: { Name: "x" } });
  assert.equal(refused.status, 403);
  await tokenOf(logIn(https, "alice"));
  const missing = await tryCmdlet(server, "Get-Administrator", { Identity: "x" });
  assert.equal(missing.failure?.code, "not-found");
});
