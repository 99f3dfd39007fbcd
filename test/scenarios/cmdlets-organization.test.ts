import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCmdlet, tryCmdlet } from "../harness/cmdlets.ts";
import { runCommandLine } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startHop } from "../harness/hop.ts";
import { waitForMail } from "../harness/maildir.ts";
import { readNotices } from "../harness/notices.ts";
import { openSocket } from "../harness/rest-client.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { submit } from "../harness/transaction.ts";

async function open(t: TestContext) {
  const smtpPort = await freePort();
  const configuration = contoso({ smtpPort });
  return { server: await startServer(t, { configuration }), smtpPort };
}

/** The program as an administrator types it. */
function postrider(server: { readonly dataFolder: string }, ...words: readonly string[]) {
  return runCommandLine([...words, "--data-dir", server.dataFolder]);
}

/** The size that a session on that port is told, in bytes. */
async function announcedSize(port: number): Promise<string | undefined> {
  const client = await SmtpClient.open(port);
  const { lines } = await client.command("EHLO client.example", 250);
  client.destroy();
  return lines.map((line) => /SIZE (\d+)/.exec(line)?.[1]).find((size) => size !== undefined);
}

test("a connector made by cmdlet listens, a changed one differs, a removed one goes", async (t) => {
  const { server } = await open(t);
  const port = await freePort();
  const given = {
    Name: "Relay",
    Bindings: `127.0.0.1:${port}`,
    PermissionGroups: "AnonymousUsers",
    MaxMessageSize: "1MB",
  };
  const [made] = await runCmdlet(server, "New-ReceiveConnector", given);
  assert.deepEqual(made?.["Bindings"], [`127.0.0.1:${port}`]);
  assert.equal(await announcedSize(port), String(1024 * 1024));
  const changed = await postrider(
    server,
    "Set-ReceiveConnector",
    "Relay",
    "-MaxMessageSize",
    "2MB",
  );
  assert.equal(changed.code, 0, changed.stderr);
  assert.equal(await announcedSize(port), String(2 * 1024 * 1024));
  const twin = { ...given, Name: "Twin" };
  const { failure } = await tryCmdlet(server, "New-ReceiveConnector", twin);
  assert.match(failure?.message ?? "", /Relay/);
  const shown = await postrider(server, "Get-ReceiveConnector", "-Format", "json");
  assert.equal(JSON.parse(shown.stdout).length, 2);
  await runCmdlet(server, "Remove-ReceiveConnector", { Identity: "relay" });
  await assert.rejects(SmtpClient.open(port));
});

test("what the file declares is refused; what was made by cmdlet outlives a reload", async (t) => {
  const { server } = await open(t);
  const [connector] = await runCmdlet(server, "Get-ReceiveConnector");
  const change = { Identity: connector?.["Name"], MaxHopCount: 5 };
  const { failure } = await tryCmdlet(server, "Set-ReceiveConnector", change);
  assert.equal(failure?.code, "not-allowed-now");
  assert.ok(failure.message.includes(server.configurationPath), failure.message);
  await runCmdlet(server, "New-AcceptedDomain", { Name: "made.test" });
  await runCmdlet(server, "Set-TransportConfig", { MaxSendSize: "3MB" });
  server.signal("SIGHUP");
  await eventually({ what: "the reload" }, () =>
    server.output.includes("reload-without-change") ? true : undefined,
  );
  const domains = await runCmdlet(server, "Get-AcceptedDomain");
  assert.deepEqual(
    domains.map((one) => [one["Name"], one["DeclaredIn"]]),
    [
      ["contoso.test", server.configurationPath],
      ["made.test", null],
    ],
  );
  assert.equal((await runCmdlet(server, "Get-TransportConfig"))[0]?.["MaxSendSize"], "3MB");
});

test("export and apply: the round trip is exact, a difference is shown and made", async (t) => {
  const { server } = await open(t);
  const file = join(server.folder, "export.yaml");
  const exported = await postrider(server, "export", "-f", file);
  assert.equal(exported.code, 0, exported.stderr);
  const same = await postrider(server, "apply", "-f", file, "--dry-run");
  assert.deepEqual([same.code, same.stdout], [0, "Nothing to change.\n"], same.stderr);
  const text = await readFile(file, "utf8");
  await writeFile(
    file,
    `${text}mailContacts:
  - { name: zoe, primarySmtpAddress: zoe@contoso.test, externalEmailAddress: zoe@example.test }
`,
  );
  const shown = await postrider(server, "apply", "-f", file, "--dry-run");
  assert.equal(shown.code, 2, shown.stderr);
  assert.match(shown.stdout, /^\+ mailContacts zoe\n {4}primarySmtpAddress: "zoe@contoso\.test"\n/);
  assert.match(shown.stdout, /1 object would change\.\n$/);
  const applied = await postrider(server, "apply", "-f", file);
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /1 object changed\.\n$/);
  const again = await postrider(server, "apply", "-f", file, "--dry-run");
  assert.equal(again.code, 0);
  await writeFile(file, "mailboxen: []\n");
  const wrong = await postrider(server, "apply", "-f", file);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /export\.yaml:1:1: unknown property "mailboxen"/);
});

const REFUSAL = "550 5.1.1 No such person here";

/** Alice's notices, about mail to fabrikam.test (which refuses everybody) and to bob. */
async function openNoticeBench(t: TestContext) {
  const hop = await startHop(t, {
    port: await freePort(),
    respond: ({ line }) => (/^RCPT TO/.test(line) ? { reply: REFUSAL } : undefined),
  });
  const relayPort = await freePort();
  const forwarding = { forwardingAddress: "bob@fabrikam.test" };
  const configuration = contoso({
    smtpPort: await freePort(),
    relayPort,
    smartHostPort: hop.port,
    more: {
      mailboxes: [
        { name: "alice", primarySmtpAddress: "alice@contoso.test" },
        { name: "bob", primarySmtpAddress: "bob@contoso.test", ...forwarding },
      ],
    },
  });
  const server = await startServer(t, { configuration });
  /** The notice that a message of Alice's comes back with. */
  const noticeFor = async (recipient: string, count: number) => {
    await submit(relayPort, {
      from: "<alice@contoso.test>",
      to: [`<${recipient}>`],
      content: `From: alice@contoso.test\r\nSubject: to ${recipient}\r\n\r\nx\r\n`,
    });
    const raw = await waitForMail(server.dataFolder, { address: "alice@contoso.test", count });
    const read = await readNotices(raw);
    const notice = read.find(({ headers }) => headers["Subject"]?.includes(`to ${recipient}`));
    assert.ok(notice, "a notice about that message");
    return notice;
  };
  return { server, noticeFor };
}

test("a system message stands in the notice from then on", async (t) => {
  const { server, noticeFor } = await openNoticeBench(t);
  const before = await noticeFor("one@fabrikam.test", 1);
  assert.doesNotMatch(before.text, /help desk/);
  const given = ["-DsnCode", "5.1.1", "-Internal", "$true", "-Language", "En"];
  const text = ["-Text", 'Call the <b>help desk</b> (<a href="https://help.test/">here</a>).'];
  const made = await postrider(server, "New-SystemMessage", ...given, ...text);
  assert.equal(made.code, 0, made.stderr);
  const after = await noticeFor("two@fabrikam.test", 2);
  assert.match(after.text, /Call the help desk \(here \(https:\/\/help\.test\/\)\)\./);
  assert.match(
    after.html,
    /Call the <b>help desk<\/b> \(<a href="https:\/\/help\.test\/">here<\/a>\)/,
  );
  assert.match(after.text, /550 5\.1\.1 No such person here/, "for administrators as before");
});

test("a remote domain that allows no forwarding ends it with a notice", async (t) => {
  const { server, noticeFor } = await openNoticeBench(t);
  const domain = { Name: "All", DomainName: "*", AutoForwardEnabled: false };
  await runCmdlet(server, "New-RemoteDomain", domain);
  const notice = await noticeFor("bob@contoso.test", 1);
  assert.equal(notice.recipients[0]?.["Status"], "5.7.520");
});

/** For each noun: its path, the name of an object, what it is made of, and a change. */
const NOUNS: readonly (readonly [string, string, string, object, readonly [string, unknown]])[] = [
  ["ReceiveConnector", "receive-connector", "X", { Enabled: false }, ["MaxHopCount", 9]],
  ["SendConnector", "send-connector", "X", { AddressSpaces: "x.test" }, ["Port", 26]],
  ["AcceptedDomain", "accepted-domain", "x.test", {}, ["DomainType", "InternalRelay"]],
  ["RemoteDomain", "remote-domain", "X", { DomainName: "x.test" }, ["NDREnabled", false]],
  ["TlsPolicy", "tls-policy", "x.test", {}, ["Mode", "Dane"]],
  ["ThrottlingPolicy", "throttling-policy", "X", {}, ["MessagesPerHour", "7"]],
  [
    "OAuthIssuer",
    "oauth-issuer",
    "X",
    { Issuer: "https://x.test", Jwks: "https://x.test/k", Audiences: "a" },
    ["UserClaim", "upn"],
  ],
];
const SINGLE = [
  ["TransportService", "transport-service", "MaxOutboundConnections", "500", "501"],
  ["TransportConfig", "transport-config", "MaxSendSize", "5MB", "6MB"],
  ["TransportServer", "transport-server", "Keytab", "a.keytab", "b.keytab"],
] as const;

/** Words of a command line for parameters. */
function words(parameters: object): readonly string[] {
  return Object.entries(parameters).flatMap(([name, value]) => [
    `-${name}`,
    typeof value === "boolean" ? `$${value}` : String(value),
  ]);
}

test("every noun is made, shown, changed and removed by command line and by REST", async (t) => {
  const { server } = await open(t);
  const rest = openSocket(server);
  const type = async (...line: readonly string[]) => {
    const { code, stdout, stderr } = await postrider(server, ...line);
    assert.equal(code, 0, `${line.join(" ")}: ${stderr}`);
    return stdout;
  };
  const call = async (what: string, body?: object) => {
    const answer = await rest(what, body === undefined ? {} : { body });
    assert.equal(Math.floor(answer.status / 100), 2, `${what}: ${JSON.stringify(answer.body)}`);
    return (answer.body as { value: readonly Record<string, unknown>[] }).value;
  };
  await Promise.all(
    NOUNS.map(async ([noun, path, name, given, [property, value]]) => {
      const at = `/api/v1/${path}`;
      const port = await freePort();
      const bindings = noun === "ReceiveConnector" ? { Bindings: `127.0.0.1:${port}` } : {};
      const parameters = { Name: name, ...bindings, ...given };
      await call(`POST ${at}`, parameters);
      await call(`PATCH ${at}`, { Identity: name, [property]: value });
      const [shown] = await call(`GET ${at}?Identity=${name}`);
      assert.equal(String(shown?.[property]), String(value), noun);
      await call(`DELETE ${at}?Identity=${name}`);
      await type(`New-${noun}`, ...words(parameters));
      await type(`Set-${noun}`, name, ...words({ [property]: value }));
      const typed = JSON.parse(await type(`Get-${noun}`, name, "-Format", "json"));
      assert.deepEqual(typed, [shown], noun);
      await type(`Remove-${noun}`, name, "-Confirm:$false");
    }),
  );
  await Promise.all(
    SINGLE.map(async ([noun, path, property, first, second]) => {
      await call(`PATCH /api/v1/${path}`, { [property]: first, Force: true });
      const [shown] = await call(`GET /api/v1/${path}`);
      assert.equal(String(shown?.[property]), first);
      await type(`Set-${noun}`, `-${property}`, second, "-Force");
      const [typed] = JSON.parse(await type(`Get-${noun}`, "-Format", "json"));
      assert.equal(String(typed[property]), second);
    }),
  );
});
