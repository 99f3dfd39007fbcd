import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { waitForMail } from "../harness/maildir.ts";
import { type RunResult, run } from "../harness/peers.ts";
import { later } from "../harness/scope.ts";
import { TestServer, temporaryFolder } from "../harness/server.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const POSTRIDER = join(import.meta.dirname, "../../bin/postrider");
/** Addresses that the examples speak of; the network is the test's own, and so are its ports. */
const ADDRESSES = ["10.1.2.7", "10.1.2.9", "10.1.2.20"];
const NETWORK = [
  ...["unshare", "--net", "sh", "-c"],
  [
    "ip link set lo up",
    ...ADDRESSES.map((one) => `ip addr add ${one}/24 dev lo`),
    'exec "$@"',
  ].join(" && "),
  "sh",
];

/** A server that runs the complete example of a page, word for word. */
interface Example {
  readonly server: TestServer;
  readonly dataFolder: string;
  /** Runs a program on the server's network. */
  readonly inside: (program: string, ...options: readonly string[]) => Promise<RunResult>;
  readonly swaks: (...options: readonly string[]) => Promise<RunResult>;
}

async function startExample(
  t: TestContext,
  page: string,
  prepare: (dataFolder: string) => Promise<void> = async () => {},
): Promise<Example | undefined> {
  const possible = await run("unshare", ["--net", "ip", "link", "set", "lo", "up"]);
  if (possible.code !== 0) {
    t.diagnostic("not run: a network of its own is not permitted here");
    return undefined;
  }
  const text = await readFile(join(DOCS, page), "utf8");
  const yaml = /^```yaml\n(server:\n[\s\S]*?)^```$/m.exec(text)?.[1];
  assert.ok(yaml, `${page} has a complete example`);
  const folder = await temporaryFolder(t);
  const dataFolder = join(folder, "data");
  await mkdir(dataFolder, { mode: 0o700 });
  await prepare(dataFolder);
  const server = new TestServer(folder, { configuration: {}, dataFolder, wrapper: NETWORK });
  await server.configureText(yaml);
  await server.start();
  later(t, async () => {
    await server.terminate();
  });
  const inside: Example["inside"] = (program, ...options) =>
    run("nsenter", [`--net=/proc/${server.pid}/ns/net`, program, ...options]);
  const swaks: Example["swaks"] = (...options) =>
    inside("swaks", "--server", "127.0.0.1", ...options);
  return { server, dataFolder, inside, swaks };
}

const logOn = (user: string, password: string) => [
  ...["--auth", "PLAIN", "--auth-user", user, "--auth-password", password],
];

test("the example of connectors.md", async (t) => {
  const example = await startExample(t, "connectors.md");
  if (example === undefined) return;
  const { swaks } = example;
  const to = (address: string) => ["--from", "you@example.com", "--to", address];
  const taken = await swaks(...to("alice@contoso.com"));
  assert.equal(taken.code, 0, taken.stdout);
  const refused = await swaks(...to("somebody@example.org"));
  assert.match(refused.stdout, /550 5\.7\.54/);
  const application = ["--server", "10.1.2.7", "--local-interface", "10.1.2.7"];
  const relayed = await swaks(...application, ...to("somebody@example.org"));
  assert.equal(relayed.code, 0, relayed.stdout);
  const own = ["--from", "alice@contoso.com", "--to", "somebody@fabrikam.com"];
  for (const port of [
    ["--port", "587", "--tls"],
    ["--port", "465", "--tls-on-connect"],
  ]) {
    const sent = await swaks(...port, ...logOn("alice", "correct horse"), ...own);
    assert.equal(sent.code, 0, sent.stdout);
  }
});

test("the example of relay.md", async (t) => {
  const example = await startExample(t, "relay.md");
  if (example === undefined) return;
  const { swaks } = example;
  const scanner = ["--port", "587", "--tls", ...logOn("scanner@contoso.com", "tr0ub4dor-and-3")];
  const sent = await swaks(...scanner, "--from", "scanner@contoso.com", "--to", "you@example.org");
  assert.equal(sent.code, 0, sent.stdout);
  const posed = await swaks(...scanner, "--from", "boss@contoso.com", "--to", "you@example.org");
  assert.match(posed.stdout, /550 5\.7\.60/);
  const wrong = await swaks(
    ...["--port", "587", "--tls", ...logOn("scanner@contoso.com", "wrong")],
    ...["--from", "scanner@contoso.com", "--to", "you@example.org"],
  );
  assert.match(wrong.stdout, /535 5\.7\.3/);
  const stranger = await swaks(
    "--from",
    "a@example.com",
    "--to",
    "you@example.org",
    "--port",
    "587",
  );
  assert.match(stranger.stdout, /530 5\.7\.57/);
  const envelope = ["--from", "app@contoso.com", "--to", "you@example.org"];
  const from = (address: string) => ["--server", address, "--local-interface", address];
  assert.equal((await swaks(...from("10.1.2.7"), ...envelope)).code, 0);
  assert.match((await swaks(...from("10.1.2.20"), ...envelope)).stdout, /550 5\.7\.54/);
  const old = await example.inside(
    ...(["openssl", "s_client", "-connect", "10.1.2.9:25", "-bind", "10.1.2.9"] as const),
    ...["-starttls", "smtp", "-tls1", "-cipher", "DEFAULT@SECLEVEL=0", "-brief"],
  );
  assert.match(old.stderr, /Protocol version: TLSv1$/m);
});

test("the example of authentication.md", async (t) => {
  const keys = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "1", alg: "ES256", use: "sig" };
  const example = await startExample(t, "authentication.md", (dataFolder) =>
    writeFile(join(dataFolder, "keys.json"), JSON.stringify({ keys: [jwk] })),
  );
  if (example === undefined) return;
  const { swaks, inside } = example;
  const probe = await swaks("--port", "587", "--tls", "--quit-after", "EHLO");
  const offer = [...probe.stdout.matchAll(/250[- ]AUTH ([^\r\n]*)/g)].at(-1)?.[1] ?? "";
  for (const name of [
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-1",
    "NTLM",
    "XOAUTH2",
    "EXTERNAL",
    "PLAIN",
  ]) {
    assert.ok(offer.split(" ").includes(name), `${name} in ${offer}`);
  }
  for (const [user, password] of [
    ["alice", "correct horse"],
    ["bob@contoso.com", "tr0ub4dor-and-3"],
  ] as const) {
    const own = `${user.split("@")[0]}@contoso.com`;
    const sent = await swaks(
      ...["--port", "587", "--tls", ...logOn(user, password)],
      ...["--from", own, "--to", "alice@contoso.com"],
    );
    assert.equal(sent.code, 0, sent.stdout);
  }
  const token = await new SignJWT({ email: "alice@contoso.com", scope: "SMTP.Send" })
    .setProtectedHeader({ alg: "ES256", kid: "1" })
    .setIssuer("https://login.contoso.com/")
    .setAudience("https://mail.contoso.com")
    .setExpirationTime("5 minutes")
    .sign(keys.privateKey);
  const message = join(example.dataFolder, "message");
  await writeFile(message, "From: alice@contoso.com\r\nSubject: token\r\n\r\nIt works.\r\n");
  const sent = await inside(
    ...(["curl", "--silent", "--show-error", "--ssl-reqd", "--insecure"] as const),
    ...["--mail-from", "alice@contoso.com", "--mail-rcpt", "bob@contoso.com"],
    ...["--user", "alice@contoso.com", "--oauth2-bearer", token, "--upload-file", message],
    "smtp://127.0.0.1:587",
  );
  assert.equal(sent.code, 0, sent.stderr);
});

test("the example of tls.md", async (t) => {
  const example = await startExample(t, "tls.md");
  if (example === undefined) return;
  const { swaks, inside } = example;
  const handshake = (...options: readonly string[]) =>
    inside("openssl", "s_client", "-connect", "127.0.0.1:465", "-brief", ...options);
  assert.match((await handshake("-tls1_3")).stderr, /Protocol version: TLSv1\.3/);
  assert.doesNotMatch((await handshake("-tls1_2")).stderr, /Protocol version/);
  const partner = ["--port", "26", "--from", "a@fabrikam.com", "--to", "alice@contoso.com"];
  assert.match((await swaks(...partner)).stdout, /530 5\.7\.0|STARTTLS/);
  assert.match((await swaks(...partner, "--tls")).stdout, /530 5\.7\.57/);
  const sent = await swaks("--tls", "--from", "you@example.com", "--to", "alice@contoso.com");
  assert.equal(sent.code, 0, sent.stdout);
});

test("the example of quarantine.md, and its commands", async (t) => {
  const example = await startExample(t, "quarantine.md");
  if (example === undefined) return;
  const { swaks, server, dataFolder } = example;
  const page = await readFile(join(DOCS, "quarantine.md"), "utf8");
  const commands = [...page.matchAll(/^postrider (.+)$/gm)].map(([, words = ""]) => words);
  assert.ok(commands.length > 8);
  const body = "Subject: Offer\\n\\nHello, this is an offer that has no author and needs none.";
  const to = ["--to", "alice@contoso.com,bob@contoso.com", "--from", "ann@fabrikam.com"];
  const numberOf = async () => {
    const [kept] = await runCmdlet(server, "Get-QuarantineMessage");
    return textOf(kept?.["Identity"]).split("\\")[1] ?? "";
  };
  for (const command of commands) {
    if ((await runCmdlet(server, "Get-QuarantineMessage")).length === 0) {
      const sent = await swaks(...to, "--data", body);
      assert.equal(sent.code, 0, sent.stdout);
    }
    const line = command
      .replace(/ 42\b(?!\.)/, ` ${await numberOf()}`)
      .replace("42.eml", "$0/42.eml");
    const shell = `postrider() { ${POSTRIDER} "$@" --data-dir "$0"; }; postrider ${line}`;
    const ended = await run("sh", ["-c", shell, dataFolder]);
    assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
    const isSilent = /^Export/.test(command);
    assert.ok(isSilent || ended.stdout !== "", `${line} shows something`);
  }
  assert.deepEqual(await runCmdlet(server, "Get-QuarantineMessage"), []);
});

test("the example of hygiene.md, and its commands", async (t) => {
  const example = await startExample(t, "hygiene.md");
  if (example === undefined) return;
  const { swaks, dataFolder } = example;
  const from = (address: string) => ["--server", address, "--local-interface", address];
  const mail = (sender: string, to = "alice") => ["--from", sender, "--to", `${to}@contoso.com`];
  assert.equal((await swaks(...mail("you@example.com"))).code, 0);
  for (const [options, reply] of [
    [[...from("10.1.2.20"), ...mail("you@example.com")], /550 5\.7\.1 External client with IP/],
    [mail("offers@litware.com"), /554 5\.1\.0 Sender Denied/],
    [mail("you@sub.adventure-works.com"), /554 5\.1\.0 Sender Denied/],
    [mail("you@tailspintoys.com", "bob"), /550 5\.7\.1 The recipient does not take mail/],
    [mail("you@example.com", "nobody"), /550 5\.1\.10/],
  ] as const) {
    assert.match((await swaks(...options)).stdout, reply);
  }
  const welcome = await swaks(...from("10.1.2.9"), ...mail("offers@litware.com"));
  assert.equal(welcome.code, 0, welcome.stdout);
  const page = await readFile(join(DOCS, "hygiene.md"), "utf8");
  const commands = [...page.matchAll(/^postrider (.+)$/gm)].map(([, words = ""]) => words);
  assert.ok(commands.length > 10);
  for (const line of commands) {
    const shell = `postrider() { ${POSTRIDER} "$@" --data-dir "$0"; }; postrider ${line}`;
    const ended = await run("sh", ["-c", shell, dataFolder]);
    assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
  }
});

test("the example of rules.md, and its commands", async (t) => {
  const example = await startExample(t, "rules.md");
  if (example === undefined) return;
  const { swaks, server, dataFolder } = example;
  const inbox = async (name: string, count: number) =>
    (await waitForMail(dataFolder, { address: `${name}@contoso.com`, count })).join("");
  const outside = ["--from", "ann@fabrikam.com", "--to", "bob@contoso.com"];
  assert.equal((await swaks(...outside, "--h-Subject", "Hello")).code, 0);
  assert.match(await inbox("bob", 1), /^Subject: \[External\] Hello/m);
  const alice = ["--port", "587", "--tls", ...logOn("alice@contoso.com", "correct horse")];
  const own = ["--from", "alice@contoso.com", "--to", "bob@contoso.com", "--h-Subject", "Sales"];
  assert.equal((await swaks(...alice, ...own)).code, 0);
  assert.match(await inbox("bob", 2), /Alice Smith, Sales, Contoso/);
  const page = await readFile(join(DOCS, "rules.md"), "utf8");
  const commands = [...page.matchAll(/^postrider (.+)$/gm)].map(([, words = ""]) => words);
  assert.ok(commands.length > 12);
  await writeFile(join(dataFolder, "message.eml"), "From: ann@fabrikam.com\r\n\r\nHello.\r\n");
  const waiting = async () => {
    const all = ["--to", "everybody@contoso.com", "--h-To", "everybody@contoso.com"];
    assert.equal((await swaks("--from", "ann@fabrikam.com", ...all)).code, 0);
    return eventually({ what: "a message waits" }, async () => {
      const [found] = await runCmdlet(server, "Get-ModeratedMessage");
      return found === undefined ? undefined : textOf(found["Identity"]);
    });
  };
  for (const command of commands) {
    const isDecision = /ModeratedMessage/.test(command);
    const id = isDecision ? await waiting() : "";
    const line = command
      .replace(/ 1[78]\b/, ` ${id}`)
      .replace("rules.xml", "$0/rules.xml")
      .replace("message.eml", "$0/message.eml");
    const shell = `postrider() { ${POSTRIDER} "$@" --data-dir "$0"; }; postrider ${line}`;
    const ended = await run("sh", ["-c", shell, dataFolder]);
    assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
    const isSilent = /^(?:Export|Set|Disable|Remove)/.test(command);
    assert.ok(isSilent || ended.stdout !== "", `${line} shows something`);
  }
  assert.equal((await swaks("--from", "ann@fabrikam.com", "--to", "board@contoso.com")).code, 0);
  await eventually({ what: "the board's mail waits" }, async () => {
    const [found] = await runCmdlet(server, "Get-ModeratedMessage");
    return found?.["Rule"] === "board@contoso.com" ? found : undefined;
  });
});

test("the example of compliance.md, and its commands", async (t) => {
  const example = await startExample(t, "compliance.md");
  if (example === undefined) return;
  const { swaks, dataFolder } = example;
  const alice = [
    ...logOn("alice@sales.contoso.com", "correct horse"),
    "--from",
    "alice@sales.contoso.com",
  ];
  const sent = await swaks(
    ...["--port", "587", "--tls", ...alice, "--to", "sales@contoso.com"],
    ...["--header", "X-MS-Exchange-Organization-Classification: company confidential"],
  );
  assert.equal(sent.code, 0, sent.stdout);
  const [report = ""] = await waitForMail(dataFolder, { address: "archive@contoso.com", count: 1 });
  assert.match(report, /^To: bob@sales\.contoso\.com, Expanded: sales@contoso\.com\r$/m);
  const bob = { address: "bob@sales.contoso.com", count: 1 };
  const [kept = ""] = await waitForMail(dataFolder, bob);
  assert.match(kept, /^X-MS-Exchange-Organization-Classification: Confidential\r$/m);
  const back = await swaks("--from", "zoe@example.org", "--to", "bob@contoso.net");
  assert.equal(back.code, 0, back.stdout);
  await waitForMail(dataFolder, { ...bob, count: 2 });
  const page = await readFile(join(DOCS, "compliance.md"), "utf8");
  const commands = [...page.matchAll(/^postrider (.+)$/gm)].map(([, words = ""]) => words);
  assert.ok(commands.length > 12);
  for (const line of commands) {
    const shell = `postrider() { ${POSTRIDER} "$@" --data-dir "$0"; }; postrider ${line}`;
    const ended = await run("sh", ["-c", shell, dataFolder]);
    assert.equal(ended.code, 0, `${line}: ${ended.stderr}`);
  }
});
