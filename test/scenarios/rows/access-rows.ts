import assert from "node:assert/strict";
import { TOTP } from "otpauth";
import { FakeAuthenticator } from "../../../src/access/authenticator.fake.ts";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { PageClient } from "../../harness/page-client.ts";
import { openHttps } from "../../harness/rest-client.ts";

type Row = CmdletRow<EveryBench>;

const HOST = "mail.contoso.test";
const PASSWORD = "correct horse battery";

/** An administrator of this run's own. */
async function makeAdministrator({ server }: EveryBench, name: string, via: Surface) {
  const Name = ownName(name, via);
  const RoleGroups = ["Help Desk"];
  await runCmdlet(server, "New-Administrator", { Name, Password: PASSWORD, RoleGroups });
  return Name;
}

async function named({ server }: EveryBench, cmdlet: string, name: unknown) {
  const all = await runCmdlet(server, cmdlet);
  return all.find((one) => one["Name"] === name);
}

async function enableTotp({ server }: EveryBench, Identity: string): Promise<void> {
  const [totp] = await runCmdlet(server, "Enable-AdministratorTotp", { Identity });
  const Code = new TOTP({ secret: textOf(totp?.["Secret"]) }).generate();
  await runCmdlet(server, "Enable-AdministratorTotp", { Identity, Code });
}

/** As a browser does it; resolves with the name of the new administrator. */
async function registerPasskey(bench: EveryBench, name: string, via: Surface): Promise<string> {
  const own = await makeAdministrator(bench, name, via);
  const https = await openHttps(bench.server, { port: bench.adminPort, name: HOST });
  const page = new PageClient(https);
  const ask = async (path: string, body: object) => {
    const headers = { host: HOST };
    const answer = await page.ask(`POST /api/v1/${path}`, { body, headers });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  await ask("login", { name: own, password: PASSWORD, cookie: true });
  const options = await ask("account/passkeys/options", { current: PASSWORD });
  const response = new FakeAuthenticator(`https://${HOST}`).create(options);
  await ask("account/passkeys", { name: "Telephone", response });
  return own;
}

/** Logs an administrator of this run's own in; resolves with his name. */
async function logIn(bench: EveryBench, name: string, via: Surface): Promise<string> {
  const own = await makeAdministrator(bench, name, via);
  const at = { port: bench.adminPort, name: "mail.contoso.test" };
  const https = await openHttps(bench.server, at);
  const body = { name: own, password: PASSWORD };
  assert.equal((await https("POST /api/v1/login", { body })).status, 200);
  return own;
}

const ADMINISTRATORS: readonly Row[] = [
  {
    cmdlet: "New-Administrator",
    given: async (_bench, via) => ({
      Name: ownName("new", via),
      Password: PASSWORD,
      RoleGroups: ["Records Management", "Help Desk"],
    }),
    count: 1,
    async expect({ objects: [made], bench, given }) {
      const shown = await named(bench, "Get-Administrator", given["Name"]);
      assert.deepEqual(shown?.["RoleGroups"], ["Records Management", "Help Desk"]);
      assert.equal(made?.["Enabled"], true);
    },
  },
  {
    cmdlet: "Get-Administrator",
    given: { Identity: "ALICE" },
    count: 1,
    expect({ objects: [alice] }) {
      assert.deepEqual(alice?.["RoleGroups"], ["Help Desk"]);
      assert.equal(alice["TotpState"], "Disabled");
    },
  },
  {
    cmdlet: "Set-Administrator",
    given: async (bench, via) => ({
      Identity: await makeAdministrator(bench, "set", via),
      Enabled: false,
    }),
    async expect({ bench, given }) {
      const shown = await named(bench, "Get-Administrator", given["Identity"]);
      assert.equal(shown?.["Enabled"], false);
    },
  },
  {
    cmdlet: "Enable-AdministratorTotp",
    given: async (bench, via) => ({ Identity: await makeAdministrator(bench, "totp", via) }),
    count: 1,
    async expect({ objects: [totp], bench, given }) {
      assert.match(textOf(totp?.["Uri"]), /^otpauth:\/\/totp\//);
      const shown = await named(bench, "Get-Administrator", given["Identity"]);
      assert.equal(shown?.["TotpState"], "Pending");
    },
  },
  {
    cmdlet: "Disable-AdministratorTotp",
    given: async (bench, via) => {
      const Identity = await makeAdministrator(bench, "untotp", via);
      await runCmdlet(bench.server, "Enable-AdministratorTotp", { Identity });
      return { Identity };
    },
    async expect({ bench, given }) {
      const shown = await named(bench, "Get-Administrator", given["Identity"]);
      assert.equal(shown?.["TotpState"], "Disabled");
    },
  },
  {
    cmdlet: "New-AdministratorRecoveryCode",
    given: async (bench, via) => {
      const Identity = await makeAdministrator(bench, "recovery", via);
      await enableTotp(bench, Identity);
      return { Identity };
    },
    count: 1,
    async expect({ objects: [made], bench, given }) {
      assert.equal(new Set([made?.["RecoveryCodes"]].flat()).size, 10);
      const shown = await named(bench, "Get-Administrator", given["Identity"]);
      assert.equal(shown?.["RecoveryCodesLeft"], 10);
    },
  },
  {
    cmdlet: "Get-AdministratorPasskey",
    given: async (bench, via) => ({ Administrator: await registerPasskey(bench, "passkey", via) }),
    count: 1,
    expect({ objects: [passkey], given }) {
      assert.equal(passkey?.["Administrator"], given["Administrator"]);
      assert.equal(passkey?.["Host"], "mail.contoso.test");
    },
  },
  {
    cmdlet: "Remove-AdministratorPasskey",
    given: async (bench, via) => {
      const Administrator = await registerPasskey(bench, "nokey", via);
      const found = await runCmdlet(bench.server, "Get-AdministratorPasskey", { Administrator });
      return { Identity: textOf(found[0]?.["Identity"]) };
    },
    count: 0,
    async expect({ bench: { server }, given }) {
      const left = await runCmdlet(server, "Get-AdministratorPasskey");
      assert.ok(left.every((one) => one["Identity"] !== given["Identity"]));
    },
  },
  {
    cmdlet: "Remove-Administrator",
    given: async (bench, via) => ({ Identity: await makeAdministrator(bench, "gone", via) }),
    count: 0,
    async expect({ bench, given }) {
      assert.equal(await named(bench, "Get-Administrator", given["Identity"]), undefined);
    },
  },
];

const SESSIONS: readonly Row[] = [
  {
    cmdlet: "Get-AdministratorSession",
    given: async (bench, via) => ({ Administrator: await logIn(bench, "session", via) }),
    count: 1,
    expect({ objects: [session], given }) {
      assert.equal(session?.["Administrator"], given["Administrator"]);
      assert.equal(session?.["ClientIP"], "127.0.0.1");
    },
  },
  {
    cmdlet: "Remove-AdministratorSession",
    given: async (bench, via) => {
      const Administrator = await logIn(bench, "ended", via);
      const sessions = await runCmdlet(bench.server, "Get-AdministratorSession", {
        Administrator,
      });
      return { Identity: textOf(sessions[0]?.["Identity"]) };
    },
    count: 0,
    async expect({ bench: { server }, given }) {
      const left = await runCmdlet(server, "Get-AdministratorSession");
      assert.ok(left.every((one) => one["Identity"] !== given["Identity"]));
    },
  },
];

const TOKENS: readonly Row[] = [
  {
    cmdlet: "New-ApiToken",
    given: async (_bench, via) => ({
      Name: ownName("token", via),
      RoleGroups: ["View-Only Organization Management"],
      ExpirationDate: "now+1h",
    }),
    count: 1,
    async expect({ objects: [made], bench, given }) {
      assert.match(textOf(made?.["Token"]), /^pt_/);
      const shown = await named(bench, "Get-ApiToken", given["Name"]);
      assert.equal(shown?.["ExpirationDate"], made?.["ExpirationDate"]);
    },
  },
  {
    cmdlet: "Get-ApiToken",
    given: { Filter: "Name -eq 'rows'" },
    count: 1,
    expect({ objects: [token] }) {
      assert.equal(token?.["CreatedBy"], "root");
      assert.deepEqual(token["RoleGroups"], ["Organization Management"]);
    },
  },
  {
    cmdlet: "Remove-ApiToken",
    given: async ({ server }, via) => {
      const Name = ownName("brief", via);
      await runCmdlet(server, "New-ApiToken", { Name, RoleGroups: ["Help Desk"] });
      return { Identity: Name };
    },
    count: 0,
    async expect({ bench, given }) {
      assert.equal(await named(bench, "Get-ApiToken", given["Identity"]), undefined);
    },
  },
];

/** Administrators, tokens and the audit log. */
export const ACCESS_ROWS: readonly Row[] = [
  ...ADMINISTRATORS,
  ...SESSIONS,
  ...TOKENS,
  {
    cmdlet: "Get-RoleGroup",
    given: { Name: "Help Desk" },
    count: 1,
    expect({ objects: [group] }) {
      assert.ok([group?.["Members"]].flat().includes("alice"));
      assert.ok([group?.["Cmdlets"]].flat().includes("Get-MessageTrace"));
    },
  },
  {
    cmdlet: "Search-AdminAuditLog",
    given: { Cmdlets: ["Remove-ApiToken"], ResultSize: 5 },
    count: 2,
    expect({ objects: [latest, earlier] }) {
      assert.deepEqual([latest?.["Succeeded"], earlier?.["Succeeded"]], [true, true]);
      assert.equal(latest?.["ClientIP"], "127.0.0.1");
      assert.equal(earlier?.["Caller"], "root");
    },
  },
];
