import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { runCommandLine } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import { run } from "../harness/peers.ts";
import { openSocket } from "../harness/rest-client.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";
import { startSink } from "../harness/sink.ts";
import { shownCertificate } from "../harness/tls-client.ts";
import { submit } from "../harness/transaction.ts";

const CAROL = { Name: "carol", PrimarySmtpAddress: "carol@contoso.test" };

async function open(t: TestContext, more: { readonly smartHostPort?: number } = {}) {
  const smtpPort = await freePort();
  const configuration = contoso({
    smtpPort,
    receiveConnector: {
      authMechanism: ["Tls", "BasicAuth", "BasicAuthRequireTLS"],
      permissionGroups: ["AnonymousUsers", "ExchangeUsers"],
      authTarpitInterval: "00:00:00",
    },
    ...more,
  });
  const server = await startServer(t, { configuration });
  const postrider = (...words: readonly string[]) =>
    runCommandLine([...words, "--data-dir", server.dataFolder]);
  /** The exit code of swaks: 0, or 28 when the logon was refused. */
  const swaks = async (password: string) => {
    const { code } = await run("swaks", [
      ...["--server", "127.0.0.1", "--port", String(smtpPort), "--tls"],
      ...["--auth", "PLAIN", "--auth-user", "carol@contoso.test", "--auth-password", password],
      ...["--from", "carol@contoso.test", "--to", "alice@contoso.test"],
    ]);
    return code;
  };
  return { server, smtpPort, postrider, swaks };
}

const SWAKS_AUTH_REFUSED = 28;

test("a mailbox made by cmdlet takes mail and logs on, with another password too", async (t) => {
  const { server, smtpPort, swaks, postrider } = await open(t);
  const letter = {
    from: "<x@example.test>",
    to: ["<carol@contoso.test>"],
    content: "Subject: hello\r\n\r\nx\r\n",
  };
  // Asked for before it is there: no cache may remember that it was not.
  await assert.rejects(submit(smtpPort, letter), /550/);
  assert.equal(await swaks("first secret"), SWAKS_AUTH_REFUSED);
  const made = await runCommandLine(
    ["New-Mailbox", "carol", "-PrimarySmtpAddress", "carol@contoso.test", "-Password", "-"].concat([
      "--data-dir",
      server.dataFolder,
    ]),
    { input: "first secret\n" },
  );
  assert.equal(made.code, 0, made.stderr);
  await submit(smtpPort, letter);
  await waitForMail(server.dataFolder, { address: "carol@contoso.test", count: 1 });
  assert.equal(await swaks("first secret"), 0);
  const changed = await postrider("Set-Mailbox", "carol", "-Password", "second secret");
  assert.equal(changed.code, 0, changed.stderr);
  assert.equal(await swaks("first secret"), SWAKS_AUTH_REFUSED);
  assert.equal(await swaks("second secret"), 0);
  const [reset] = await runCmdlet(server, "Reset-MailboxPassword", { Identity: "carol" });
  assert.equal(await swaks(textOf(reset?.["Password"])), 0);
  await runCmdlet(server, "Remove-Mailbox", { Identity: "carol@contoso.test" });
  await assert.rejects(submit(smtpPort, letter), /550/);
  const audit = JSON.stringify(await runCmdlet(server, "Search-AdminAuditLog"));
  assert.match(audit, /New-Mailbox/);
  assert.doesNotMatch(audit + server.output, /(?:first|second) secret|argon2id/);
});

test("an app password works until it is disabled or removed, within its senders", async (t) => {
  const { server, smtpPort, swaks } = await open(t);
  await runCmdlet(server, "New-Mailbox", { ...CAROL, Password: "hush hush" });
  const given = { Mailbox: "carol", Name: "Scanner" };
  const [made] = await runCmdlet(server, "New-AppPassword", given);
  const password = textOf(made?.["Password"]);
  const folder = await temporaryFolder(t);
  const path = join(folder, "msmtprc");
  const account = [
    ...["account default", "host 127.0.0.1", `port ${smtpPort}`, "from carol@contoso.test"],
    ...["tls on", "tls_starttls on", "tls_certcheck off", "auth scram-sha-256"],
    ...[`user ${textOf(made?.["UserName"])}`, `password "${password}"`],
  ];
  await writeFile(path, `${account.join("\n")}\n`, { mode: 0o600 });
  const msmtp = async () => {
    const options = [`--file=${path}`, "alice@contoso.test"];
    return (await run("msmtp", options, "From: carol@contoso.test\r\n\r\nx\r\n")).code;
  };
  assert.equal(await msmtp(), 0);
  assert.equal(await swaks(password), 0);
  assert.equal(await swaks("hush hush"), 0, "its own password is as good as before");
  await runCmdlet(server, "Set-AppPassword", { ...given, Enabled: false });
  assert.notEqual(await msmtp(), 0);
  const limits = { Enabled: true, Senders: { Add: "scanner@contoso.test" } };
  await runCmdlet(server, "Set-AppPassword", { ...given, ...limits });
  assert.notEqual(await msmtp(), 0, "not from this address");
  await runCmdlet(server, "Set-AppPassword", { ...given, Senders: null });
  assert.equal(await msmtp(), 0);
  await runCmdlet(server, "Remove-AppPassword", given);
  assert.notEqual(await msmtp(), 0);
  assert.equal(await swaks(password), SWAKS_AUTH_REFUSED);
  assert.equal(await swaks("hush hush"), 0);
});

test("a group of ten thousand is built, changed and written to", async (t) => {
  const sink = await startSink(t, { port: await freePort() });
  const { server, smtpPort } = await open(t, { smartHostPort: sink.port });
  const addresses = Array.from({ length: 10_000 }, (_, index) => `m${index}@example.test`);
  const [made] = await runCmdlet(server, "New-DistributionGroup", {
    Name: "everybody",
    PrimarySmtpAddress: "everybody@contoso.test",
    Members: addresses.slice(0, 4000),
  });
  assert.equal(made?.["MemberCount"], 4000);
  const Identity = "everybody";
  const [added] = await runCmdlet(server, "Add-DistributionGroupMember", {
    Identity,
    Member: addresses.slice(3999),
  });
  assert.deepEqual([added?.["Added"], added?.["MemberCount"]], [6000, 10_000]);
  await runCmdlet(server, "Add-DistributionGroupMember", { Identity, Member: "alice" });
  await runCmdlet(server, "Remove-DistributionGroupMember", { Identity, Member: addresses[17] });
  await runCmdlet(server, "Set-DistributionGroup", { Identity, MaxReceiveSize: "1MB" });
  const shown = await runCmdlet(server, "Get-DistributionGroupMember", {
    Identity,
    ResultSize: "Unlimited",
  });
  assert.equal(shown.length, 10_000);
  assert.equal(new Set(shown.map((one) => one["Member"])).size, 10_000);
  await submit(smtpPort, {
    from: "<bob@contoso.test>",
    to: ["<everybody@contoso.test>"],
    content: "Subject: all\r\n\r\nx\r\n",
  });
  await waitForMail(server.dataFolder, { address: "alice@contoso.test", count: 1 });
  const reached = await eventually({ what: "mail for all", withinMs: 60_000 }, () => {
    const all = new Set(sink.messages.flatMap(({ to }) => to));
    return all.size >= 9999 ? all : undefined;
  });
  const missed = addresses.filter((address) => !reached.has(address));
  assert.deepEqual(missed, [addresses[17]]);
  assert.equal(reached.size, 9999);
});

test("an address that somebody has is refused on every way", async (t) => {
  const { server, postrider } = await open(t);
  const twin = { Name: "twin", PrimarySmtpAddress: "ALICE@contoso.test" };
  const answer = await openSocket(server)("POST /api/v1/mailbox", { body: twin });
  assert.equal(answer.status, 409, JSON.stringify(answer.body));
  const given = ["-PrimarySmtpAddress", "alice@contoso.test", "-ExternalEmailAddress", "a@b.test"];
  const typed = await postrider("New-MailContact", "twin", ...given);
  assert.equal(typed.code, 1);
  assert.match(typed.stderr, /alice@contoso\.test already belongs to mailbox "alice"/);
  const { failure } = await tryCmdlet(server, "Set-Mailbox", {
    Identity: "bob",
    EmailAddresses: "alice@contoso.test",
    Force: true,
  });
  assert.equal(failure?.code, "conflict");
});

test("a certificate is imported by the command line; the next handshake shows it", async (t) => {
  const { server, smtpPort, postrider } = await open(t);
  const subject = async () => (await shownCertificate(smtpPort, {}))?.certificate.subject;
  const waitFor = (wanted: string) =>
    eventually({ what: wanted }, async () => ((await subject()) === wanted ? true : undefined));
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const openssl = async (...words: readonly string[]) => {
    const { code, stderr } = await run("openssl", words);
    assert.equal(code, 0, stderr);
  };
  const type = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await postrider(...words);
    assert.equal(code, 0, `${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  const making = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const days = ["-nodes", "-days", "90"];
  const names = ["-addext", "subjectAltName=DNS:mail.contoso.test"];
  const files = ["-keyout", at("a.key"), "-out", at("a.crt")];
  await openssl(...making, ...days, ...names, "-subj", "/O=Contoso/CN=first", ...files);
  const pfx = ["pkcs12", "-export", "-in", at("a.crt"), "-inkey", at("a.key"), "-out", at("a.pfx")];
  await openssl(...pfx, "-passout", "pass:hush hush");
  const wrong = ["Import-ExchangeCertificate", "first", "-FileName", at("a.pfx")];
  const refused = await postrider(...wrong, "-Password", "hash");
  assert.match(refused.stderr, /passphrase is wrong/);
  await type(...wrong, "-Password", "hush hush");
  await waitFor("O=Contoso\nCN=first");

  const json = ["-Format", "json"];
  const [shown] = JSON.parse(await type("Get-ExchangeCertificate", "first", ...json));
  assert.deepEqual(
    [shown.File, shown.IsSelfSigned, shown.Status, shown.Services],
    ["first.pfx", true, "Valid", ["ReceiveConnector Default Frontend"]],
  );

  const wish = ["second", "-DomainName", "mail.contoso.test", "-GenerateRequest"];
  const [asked] = JSON.parse(await type("New-ExchangeCertificate", ...wish, ...json));
  await writeFile(at("b.csr"), asked.Request);
  const signing = ["x509", "-req", "-in", at("b.csr"), "-CA", at("a.crt"), "-CAkey", at("a.key")];
  const copied = ["-copy_extensions", "copy", "-days", "30", "-out", at("b.crt")];
  await openssl(...signing, ...copied);
  await type("Import-ExchangeCertificate", "second", "-FileName", at("b.crt"));
  await waitFor("CN=mail.contoso.test");

  const enabling = ["Enable-ExchangeCertificate", "first", "-ReceiveConnector", "Default Frontend"];
  const owned = await postrider(...enabling);
  assert.match(owned.stderr, /is declared in/);
  await type(...enabling, "-Force");
  await waitFor("O=Contoso\nCN=first");
  const kept = await postrider("Remove-ExchangeCertificate", "first", "-Confirm:$false");
  assert.match(kept.stderr, /names the certificate "first"/);
  await type("Remove-ExchangeCertificate", "second", "-Confirm:$false");
  const left = JSON.parse(await type("Get-ExchangeCertificate", ...json));
  assert.deepEqual(
    left.map(({ Identity }: { readonly Identity: string }) => Identity),
    ["first", "self-signed"],
  );
  const audit = JSON.stringify(await runCmdlet(server, "Search-AdminAuditLog"));
  assert.doesNotMatch(audit + server.output, /hush hush|PRIVATE KEY/);
});

test("a credential for a smart host is given as a mapping, and shown nowhere", async (t) => {
  const { server, postrider } = await open(t);
  const type = async (...line: readonly string[]) => {
    const { code, stdout, stderr } = await postrider(...line);
    assert.equal(code, 0, `${line.join(" ")}: ${stderr}`);
    return stdout;
  };
  const host = ["-AddressSpaces", "*", "-SmartHosts", "relay.test"];
  const how = ["-SmartHostAuthMechanism", "BasicAuthRequireTLS"];
  const credential = (password: string) => [
    "-AuthenticationCredential",
    `@{UserName='u'; Password='${password}'}`,
  ];
  await type("New-SendConnector", "Relay", ...host, ...how, ...credential("hush; one"));
  const planned = await type("Set-SendConnector", "Relay", ...credential("hush two"), "-WhatIf");
  assert.match(planned, /AuthenticationCredential: .* -> another/);
  await type("Set-SendConnector", "Relay", ...credential("hush two"));
  const shown = await type("Get-SendConnector", "Relay", "-Format", "json");
  const expected = { UserName: "u", Password: "***" };
  assert.deepEqual(JSON.parse(shown)[0].AuthenticationCredential, expected);
  const audit = JSON.stringify(await runCmdlet(server, "Search-AdminAuditLog"));
  assert.match(audit, /AuthenticationCredential/);
  assert.doesNotMatch(audit + planned + server.output, /hush/);
});

const external = { ExternalEmailAddress: "x@example.test" };
const NOUNS: readonly (readonly [string, string, object])[] = [
  ["Mailbox", "mailbox", {}],
  ["MailUser", "mail-user", external],
  ["MailContact", "mail-contact", external],
  ["DistributionGroup", "distribution-group", { Members: "alice@contoso.test" }],
];

/** Words of a command line for parameters. */
function words(parameters: object): readonly string[] {
  return Object.entries(parameters).flatMap(([name, value]) => [`-${name}`, String(value)]);
}

test("every noun is made, shown, changed and removed by command line and by REST", async (t) => {
  const { server, postrider } = await open(t);
  const rest = openSocket(server);
  const type = async (...line: readonly string[]) => {
    const { code, stdout, stderr } = await postrider(...line);
    assert.equal(code, 0, `${line.join(" ")}: ${stderr}`);
    return stdout;
  };
  const call = async (what: string, body?: object) => {
    const answer = await rest(what, body === undefined ? {} : { body });
    assert.equal(Math.floor(answer.status / 100), 2, `${what}: ${JSON.stringify(answer.body)}`);
    return (answer.body as { value: readonly Record<string, unknown>[] }).value;
  };
  for (const [noun, path, more] of NOUNS) {
    const at = `/api/v1/${path}`;
    await call(`POST ${at}`, { ...CAROL, ...more });
    await call(`PATCH ${at}`, { Identity: "carol", MaxReceiveSize: "5MB" });
    const [shown] = await call(`GET ${at}?Identity=carol@contoso.test`);
    assert.equal(shown?.["MaxReceiveSize"], "5MB", noun);
    await call(`DELETE ${at}?Identity=carol`);
    await type(`New-${noun}`, ...words({ ...CAROL, ...more }));
    await type(`Set-${noun}`, "carol", "-MaxReceiveSize", "5MB");
    const typed = JSON.parse(await type(`Get-${noun}`, "carol", "-Format", "json"));
    assert.deepEqual(typed, [shown], noun);
    await type(`Remove-${noun}`, "carol", "-Confirm:$false");
  }
  await call("POST /api/v1/distribution-group", { ...CAROL, Name: "team" });
  const member = { Identity: "team", Member: "alice" };
  await call("POST /api/v1/distribution-group-member/add", member);
  await type("Add-DistributionGroupMember", "team", "bob,x@example.test");
  const members = await call("GET /api/v1/distribution-group-member?Identity=team");
  assert.equal(members.length, 3);
  await call("DELETE /api/v1/distribution-group-member?Identity=team&Member=bob");
  await type("Update-DistributionGroupMember", "team", "alice", "-Confirm:$false");
  assert.match(await type("Get-DistributionGroupMember", "team"), /alice@contoso\.test/);
  await call("POST /api/v1/recipient-permission/add", { Identity: "team", Trustee: "alice" });
  await type("Add-RecipientPermission", "team", "bob");
  assert.equal((await call("GET /api/v1/recipient-permission?Trustee=bob")).length, 1);
  await type("Remove-RecipientPermission", "team", "bob", "-Confirm:$false");
  await call("POST /api/v1/mailbox", { ...CAROL, PrimarySmtpAddress: "c@contoso.test" });
  await call("POST /api/v1/app-password", { Mailbox: "carol", Name: "Scanner" });
  await type("New-AppPassword", "carol", "Phone");
  await type("Set-AppPassword", "carol", "Phone", "-Enabled", "$false");
  await call("PATCH /api/v1/app-password", { Mailbox: "carol", Name: "Scanner", Enabled: false });
  await call("DELETE /api/v1/app-password?Mailbox=carol&Name=Scanner");
  assert.match(await type("Get-AppPassword", "carol"), /Phone .* False/);
  await type("Remove-AppPassword", "carol", "Phone", "-Confirm:$false");
  await call("POST /api/v1/mailbox-password/reset", { Identity: "carol" });
  assert.match(await type("Reset-MailboxPassword", "carol", "-Confirm:$false"), /carol/);
  const found = await call("GET /api/v1/recipient?Filter=Name%20-like%20'*a*'&SortBy=-Name");
  assert.deepEqual(
    found.map((one) => one["Name"]),
    ["team", "carol", "alice"],
  );
  const typed = await type("Get-Recipient", "-RecipientType", "UserMailbox", "-SortBy", "Name");
  assert.match(typed, /alice[\s\S]*bob[\s\S]*carol/);
});
