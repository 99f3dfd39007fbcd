import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { ROLE_GROUPS } from "../../src/cmdlet/role-group.ts";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { openHttps } from "../harness/rest-client.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

/** In every subject. */
const WORD = "Zebrafinch";
const ALICE = "alice@contoso.test";

/** A server where mail waits, was delivered, returned, quarantined, and asks for approval. */
async function openBench(t: Scope) {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => {
      if (line.startsWith("RCPT TO:<unknown@")) return { reply: "550 5.1.1 No, nobody" };
      return line.startsWith("RCPT TO:<busy@") ? { reply: "451 4.2.1 Come back" } : undefined;
    },
  });
  const [smtpPort, relayPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const subjectContainsWords = [WORD];
  const transportRules = [
    {
      ...{ name: "Ask", subjectContainsWords, sentTo: ["ask@fabrikam.test"] },
      moderateMessageByUser: [ALICE],
    },
    { name: "Keep", subjectContainsWords, sentTo: ["keep@fabrikam.test"], quarantine: true },
    {
      ...{ name: "Return", subjectContainsWords, sentTo: ["no@fabrikam.test"] },
      rejectMessageReasonText: "not to him",
    },
  ];
  const ports = { smtpPort, relayPort, adminPort, smartHostPort: hop.port };
  const server = await startServer(t, {
    configuration: contoso({ ...ports, more: { transportRules } }),
  });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const to = ["someone", "unknown", "busy", "ask", "keep", "no"].map(
    (one) => `${one}@fabrikam.test`,
  );
  for (const [at, recipient] of [...to, ALICE].entries()) {
    const header = `Message-ID: <m${at}@contoso.test>\r\nFrom: ${ALICE}\r\nTo: ${recipient}\r\n`;
    const content = `${header}Subject: ${WORD} ${at}\r\n\r\nx\r\n`;
    await submit(relayPort, { from: `<${ALICE}>`, to: [`<${recipient}>`], content });
  }
  const trace = () => runCmdlet(server, "Get-MessageTrace");
  await eventually({ what: "all of it has gone its way" }, async () => {
    const ways = (await trace()).map((one) => one["Status"]);
    const kept = await runCmdlet(server, "Get-QuarantineMessage");
    const asked = await runCmdlet(server, "Get-ModeratedMessage");
    const failed = ways.filter((way) => way === "Failed").length;
    return (kept.length === 1 && asked.length === 1 && failed >= 2) || undefined;
  });
  const tokenOf = async (group: string) => {
    const parameters = { Name: group.replaceAll(" ", "-"), RoleGroups: [group] };
    const [made] = await runCmdlet(server, "New-ApiToken", parameters);
    return textOf(made?.["Token"]);
  };
  return { server, https, tokenOf, trace };
}

test("a help desk is told of no subject, whatever it runs", async (t) => {
  const { https, tokenOf, trace, server } = await openBench(t);
  const token = await tokenOf("Help Desk");
  const rows = await trace();
  assert.match(JSON.stringify(rows), new RegExp(WORD), "others are");
  const ids = [...new Set(rows.map((one) => textOf(one["MessageTraceId"])))];
  const numbers = (await runCmdlet(server, "Get-Message")).map((one) => textOf(one["Identity"]));
  assert.ok(ids.length >= 7 && numbers.length > 0);
  const runs: (readonly [string, object])[] = [];
  for (const { name, parameters, effect } of ALL_CMDLETS.all) {
    if (effect === "changes" && name !== "New-MessageTraceLink") continue;
    if (Object.values(parameters).every(({ presence }) => presence !== "required")) {
      runs.push([name, {}]);
    }
    for (const parameter of ["Identity", "MessageTraceId"]) {
      if (!(parameter in parameters)) continue;
      for (const id of [...ids, ...numbers]) runs.push([name, { [parameter]: id }]);
    }
  }
  for (const Category of ["TopSender", "TopRecipient", "TopFailure"]) {
    runs.push(["Get-MailTrafficTopReport", { Category }]);
  }
  const answered = new Set<string>();
  const links: string[] = [];
  for (const [cmdlet, parameters] of runs) {
    const { body } = await https("POST /api/v1/run", { token, body: { cmdlet, parameters } });
    const text = textOf(body);
    assert.doesNotMatch(text, new RegExp(WORD, "i"), `${cmdlet} ${JSON.stringify(parameters)}`);
    if (/"kind":"object"/.test(text)) answered.add(cmdlet);
    links.push(...(text.match(/\/api\/v1\/story\/[\w-]+/g) ?? []));
  }
  for (const cmdlet of ["Get-MessageTrace", "Get-MessageTraceDetail", "Explain-Message"]) {
    assert.ok(answered.has(cmdlet), cmdlet);
  }
  for (const link of new Set(links)) {
    for (const accept of ["application/json", "text/html"]) {
      const { status, body } = await https(`GET ${link}`, { token, headers: { accept } });
      assert.equal(status, 200);
      assert.doesNotMatch(JSON.stringify(body), new RegExp(WORD, "i"));
    }
  }
  assert.ok(links.length >= 7);
  const stories = await https(`GET /api/v1/message-trace?subject=${WORD}`, { token });
  assert.equal(stories.status, 403, "nor is it told whether there is one");
});

const SECRET = "hunter2-hunter2-hunter2";
const SECRETS = new RegExp(
  `${SECRET}|\\$argon2|SCRAM-SHA-|sealed:|PRIVATE KEY|\\bp[st]_[\\w-]{20}`,
);

test("no secret is in the audit log, whoever reads it and whatever was done", async (t) => {
  const { server, https, tokenOf } = await openBench(t);
  const Password = SECRET;
  const oidc = {
    ...{ name: "Contoso", issuer: "https://id.contoso.test", clientId: "postrider" },
    ...{ clientSecret: SECRET, roleGroups: ["*=Help Desk"] },
  };
  const [file] = await runCmdlet(server, "Export-PostriderConfiguration");
  const FileData = `${Object.values(file ?? {})
    .map(textOf)
    .join("\n")}\n# ${SECRET}`;
  const calls: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ["New-Administrator", { Name: "carol", Password, RoleGroups: ["Help Desk"] }],
    ["New-Administrator", { Name: "carol", password: Password, RoleGroups: ["Help Desk"] }],
    ["Set-Administrator", { Identity: "carol", PASSWORD: Password }],
    ["Enable-AdministratorTotp", { Identity: "carol" }],
    ["New-ApiToken", { Name: "other", RoleGroups: ["Help Desk"] }],
    ["New-Mailbox", { Name: "dave", PrimarySmtpAddress: "dave@contoso.test", Password }],
    ["Reset-MailboxPassword", { Identity: "alice", NewPassword: Password, Force: true }],
    ["New-AppPassword", { Mailbox: "alice", Name: "Scanner", Force: true }],
    ["Set-TransportServer", { Admin: { oidc }, Force: true }],
    ["Set-TransportServer", { Admin: { oidc: { ...oidc, wrong: SECRET } }, Force: true }],
    ["Import-PostriderConfiguration", { FileData, Force: true }],
    ["Import-PostriderConfiguration", { FileData: `${SECRET}: {[`, Force: true }],
    [
      "New-SendConnector",
      {
        ...{ Name: "Partner", AddressSpaces: ["SMTP:fabrikam.test;1"] },
        ...{ SmartHosts: ["[127.0.0.1]"], SmartHostAuthMechanism: "BasicAuthRequireTLS" },
        AuthenticationCredential: { UserName: "u", Password },
      },
    ],
  ];
  const ran: string[] = [];
  for (const [cmdlet, parameters] of calls) {
    const { failure } = await tryCmdlet(server, cmdlet, parameters);
    if (failure === undefined) ran.push(cmdlet);
    assert.doesNotMatch(failure?.message ?? "", SECRETS, cmdlet);
  }
  t.diagnostic(ran.join(", "));
  for (const group of ROLE_GROUPS) {
    const token = await tokenOf(group);
    const body = { cmdlet: "Search-AdminAuditLog", parameters: {} };
    const text = textOf((await https("POST /api/v1/run", { token, body })).body);
    assert.doesNotMatch(text, SECRETS, group);
  }
  assert.doesNotMatch(server.output, SECRETS);
});
