import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createTransport } from "nodemailer";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Kdc, startKdc } from "../harness/kdc.ts";
import { readMaildir } from "../harness/maildir.ts";
import { python, type RunResult, run } from "../harness/peers.ts";
import { CleanupScope } from "../harness/scope.ts";
import { startServer, type TestServer, temporaryFolder } from "../harness/server.ts";
import { readTracking } from "../harness/tracking.ts";

const ALICE = "alice@contoso.test";
const PASSWORD = "correct horse";
const ISSUER = "https://login.contoso.test/";
const AUDIENCE = "https://mail.contoso.test";

/** One server for all of them: each client sends one message of its own. */
interface Stage {
  readonly server: TestServer;
  readonly port: number;
  readonly kdc: Kdc;
  readonly token: (claims?: Readonly<Record<string, unknown>>) => Promise<string>;
}

const scope = new CleanupScope();
let stage: Stage;

before(async () => {
  stage = await openStage();
});

after(() => scope.close());

async function openStage(): Promise<Stage> {
  const kdc = await startKdc(scope, { alice: PASSWORD });
  const folder = await temporaryFolder(scope);
  const dataFolder = join(folder, "data");
  await mkdir(dataFolder, { mode: 0o700 });
  await copyFile(kdc.keytab, join(dataFolder, "smtp.keytab"));
  const keys = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "1", alg: "ES256", use: "sig" };
  await writeFile(join(dataFolder, "keys.json"), JSON.stringify({ keys: [jwk] }));
  const port = await freePort();
  const configuration = {
    ...contoso({
      smtpPort: port,
      receiveConnector: {
        authMechanism: ["Tls", "Integrated", "BasicAuth", "BasicAuthRequireTLS", "OAuth"],
        enableAuthGSSAPI: true,
        permissionGroups: ["ExchangeUsers"],
        authTarpitInterval: "00:00:00",
        protocolLoggingLevel: "Verbose",
      },
    }),
    oauthIssuers: [
      {
        name: "Contoso sign-in",
        issuer: ISSUER,
        jwks: "keys.json",
        audiences: [AUDIENCE],
        scopes: ["SMTP.Send"],
      },
    ],
    mailboxes: [
      {
        name: "alice",
        primarySmtpAddress: ALICE,
        password: PASSWORD,
        ntlmEnabled: true,
        appPasswords: [{ name: "Scanner", password: "tr0ub4dor-and-3" }],
      },
      { name: "bob", primarySmtpAddress: "bob@contoso.test", password: "battery staple" },
    ],
  };
  const server = await startServer(scope, {
    configuration,
    dataFolder,
    environment: kdc.environment,
  });
  const token = (claims: Readonly<Record<string, unknown>> = {}) =>
    new SignJWT({ email: ALICE, scope: "SMTP.Send", aud: AUDIENCE, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "1" })
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime("5 minutes")
      .sign(keys.privateKey);
  return { server, port, kdc, token };
}

/** Waits for the message; it says that its sender has logged on (RFC 3848). */
async function arrived(subject: string): Promise<void> {
  const found = await eventually({ what: `the message ${subject}` }, async () => {
    const messages = await readMaildir(stage.server.dataFolder, "bob@contoso.test");
    return messages.find((message) => new RegExp(`^Subject: ${subject}\\r?$`, "m").test(message));
  });
  assert.match(found, /with E?SMTPS?A/);
}

function curl(subject: string, ...options: readonly string[]): Promise<RunResult> {
  return runIn({}, subject, "curl", curlOptions(...options));
}

function curlOptions(...options: readonly string[]): readonly string[] {
  return [
    ...["--silent", "--show-error", "--ssl-reqd", "--insecure", "--upload-file", "-"],
    ...["--mail-from", ALICE, "--mail-rcpt", "bob@contoso.test"],
    ...options,
    `smtp://localhost:${stage.port}`,
  ];
}

function content(subject: string): string {
  return `From: ${ALICE}\r\nTo: bob@contoso.test\r\nSubject: ${subject}\r\n\r\nIt works.\r\n`;
}

function runIn(
  environment: Readonly<Record<string, string>>,
  subject: string,
  program: string,
  options: readonly string[],
): Promise<RunResult> {
  const set = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return run("env", [...set, program, ...options], content(subject));
}

for (const mechanism of ["PLAIN", "LOGIN", "NTLM"]) {
  test(`curl logs on with ${mechanism}`, async () => {
    const subject = `curl ${mechanism}`;
    const who = mechanism === "NTLM" ? "CONTOSO\\alice" : ALICE;
    const sent = await curl(
      subject,
      ...["--user", `${who}:${PASSWORD}`, "--login-options", `AUTH=${mechanism}`],
    );
    assert.equal(sent.code, 0, sent.stderr);
    await arrived(subject);
  });

  test(`curl is refused with ${mechanism} and a wrong password`, async () => {
    const sent = await curl(
      "never",
      ...["--user", `${ALICE}:wrong horse`, "--login-options", `AUTH=${mechanism}`],
    );
    assert.equal(sent.code, 67, sent.stderr); // CURLE_LOGIN_DENIED
  });
}

for (const mechanism of ["XOAUTH2", "OAUTHBEARER"]) {
  test(`curl logs on with ${mechanism}`, async () => {
    const subject = `curl ${mechanism}`;
    const sent = await curl(
      subject,
      ...["--user", ALICE, "--oauth2-bearer", await stage.token()],
      ...["--login-options", `AUTH=${mechanism}`],
    );
    assert.equal(sent.code, 0, sent.stderr);
    await arrived(subject);
  });

  for (const [why, claims] of [
    ["of another user", { email: "bob@contoso.test" }],
    ["without the scope", { scope: "IMAP.Access" }],
    ["for another audience", { aud: "https://elsewhere.test" }],
  ] as const) {
    test(`curl is refused with ${mechanism} and a token ${why}`, async () => {
      const sent = await curl(
        "never",
        ...["--user", ALICE, "--oauth2-bearer", await stage.token(claims)],
        ...["--login-options", `AUTH=${mechanism}`],
      );
      assert.notEqual(sent.code, 0);
    });
  }
}

test("curl logs on with GSSAPI", async () => {
  const subject = "curl GSSAPI";
  const environment = await stage.kdc.logOn("alice", PASSWORD);
  const options = curlOptions("--user", "alice@CONTOSO.TEST:", "--login-options", "AUTH=GSSAPI");
  const sent = await runIn(environment, subject, "curl", options);
  assert.equal(sent.code, 0, sent.stderr);
  await arrived(subject);
});

async function msmtp(
  subject: string,
  mechanism: string,
  more: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly lines?: readonly string[];
  } = {},
): Promise<RunResult> {
  const folder = await temporaryFolder(scope);
  const path = join(folder, "msmtprc");
  const lines = more.lines ?? [`user ${ALICE}`, `password "${PASSWORD}"`];
  const account = [
    "account default",
    "host localhost",
    `port ${stage.port}`,
    `from ${ALICE}`,
    "tls on",
    "tls_starttls on",
    "tls_certcheck off",
    `auth ${mechanism}`,
    ...lines,
  ];
  await writeFile(path, `${account.join("\n")}\n`, { mode: 0o600 });
  return runIn(more.environment ?? {}, subject, "msmtp", [`--file=${path}`, "bob@contoso.test"]);
}

for (const mechanism of ["scram-sha-256", "scram-sha-1", "plain", "login"]) {
  test(`msmtp logs on with ${mechanism}`, async () => {
    const subject = `msmtp ${mechanism}`;
    const sent = await msmtp(subject, mechanism);
    assert.equal(sent.code, 0, sent.stderr);
    await arrived(subject);
  });
}

for (const mechanism of ["scram-sha-256", "plain"]) {
  test(`msmtp logs on with ${mechanism} and an app password`, async () => {
    const subject = `msmtp ${mechanism} by the scanner`;
    const lines = [`user ${ALICE}`, 'password "tr0ub4dor-and-3"'];
    const sent = await msmtp(subject, mechanism, { lines });
    assert.equal(sent.code, 0, sent.stderr);
    await arrived(subject);
  });
}

test("msmtp logs on with gssapi", async () => {
  const environment = await stage.kdc.logOn("alice", PASSWORD);
  const sent = await msmtp("msmtp gssapi", "gssapi", { environment, lines: ["user alice"] });
  assert.equal(sent.code, 0, sent.stderr);
  await arrived("msmtp gssapi");
});

test("msmtp is refused with scram-sha-256 and a wrong password", async () => {
  const lines = [`user ${ALICE}`, 'password "wrong"'];
  const sent = await msmtp("never", "scram-sha-256", { lines });
  assert.notEqual(sent.code, 0);
  assert.match(sent.stderr, /535/);
});

for (const mechanism of ["PLAIN", "LOGIN"]) {
  test(`swaks logs on with ${mechanism}`, async () => {
    const subject = `swaks ${mechanism}`;
    const sent = await run("swaks", [
      ...["--server", "127.0.0.1", "--port", String(stage.port), "--tls"],
      ...["--auth", mechanism, "--auth-user", ALICE, "--auth-password", PASSWORD],
      ...["--from", ALICE, "--to", "bob@contoso.test", "--header", `Subject: ${subject}`],
    ]);
    assert.equal(sent.code, 0, sent.stdout);
    await arrived(subject);
  });
}

test("nodemailer logs on with a password and with a token", async () => {
  for (const [subject, auth] of [
    ["nodemailer password", { user: ALICE, pass: PASSWORD }],
    ["nodemailer token", { type: "OAuth2", user: ALICE, accessToken: await stage.token() }],
  ] as const) {
    const transport = createTransport({
      host: "127.0.0.1",
      port: stage.port,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth,
    });
    await transport.sendMail({ from: ALICE, to: "bob@contoso.test", subject, text: "It works." });
    await arrived(subject);
  }
});

const SMTPLIB = `
import smtplib, ssl, sys
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as smtp:
    smtp.starttls(context=context)
    smtp.login(sys.argv[2], sys.argv[3])
    smtp.sendmail(sys.argv[2], ["bob@contoso.test"], "From: alice@contoso.test\\r\\n"
        "Subject: smtplib\\r\\n\\r\\nIt works.\\r\\n")
`;

test("Python's smtplib logs on", async () => {
  const sent = await python(SMTPLIB, String(stage.port), ALICE, PASSWORD);
  assert.equal(sent.code, 0, sent.stderr);
  await arrived("smtplib");
});

test("an app password logs on, and the tracking log names its device", async () => {
  const sent = await curl(
    "app password",
    ...["--user", `${ALICE}:tr0ub4dor-and-3`, "--login-options", "AUTH=PLAIN"],
  );
  assert.equal(sent.code, 0, sent.stderr);
  await arrived("app password");
  const events = readTracking(stage.server.dataFolder);
  const received = events.find(
    (event) => event["event-id"] === "RECEIVE" && event["message-subject"] === "app password",
  );
  assert.match(received?.["source-context"] ?? "", /Scanner/);
});

test("nobody logs on with a password in clear", async () => {
  const clear = await run("swaks", [
    ...["--server", "127.0.0.1", "--port", String(stage.port)],
    ...["--auth", "PLAIN", "--auth-user", ALICE, "--auth-password", PASSWORD],
    ...["--from", ALICE, "--to", "bob@contoso.test"],
  ]);
  assert.notEqual(clear.code, 0);
  assert.doesNotMatch(clear.stdout, /250[- ]AUTH[^\r\n]*(?:PLAIN|LOGIN)/);
});

test("nothing that the server has said or written holds a password", () => {
  const secrets = [PASSWORD, "tr0ub4dor-and-3"].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    // As the middle of a PLAIN response, whatever stands before it.
    Buffer.from(`\0${secret}`).toString("base64").slice(2, -3),
  ]);
  const { dataFolder, output } = stage.server;
  const files = globSync("**/*", { cwd: dataFolder, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(files.length > 5);
  assert.ok(files.some(({ name }) => name.startsWith("RECV")));
  assert.ok(files.some(({ name }) => name.startsWith("SESSION")));
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, "latin1");
    for (const secret of secrets) assert.ok(!text.includes(secret), `${path} holds a password`);
  }
  for (const secret of secrets) assert.ok(!output.includes(secret), "the output holds a password");
});
