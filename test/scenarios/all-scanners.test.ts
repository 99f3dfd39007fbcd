import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { waitForMail } from "../harness/maildir.ts";
import {
  startClamd,
  startIcap,
  startOpenDkim,
  startPythonMilter,
  startRspamd,
} from "../harness/scanners.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";
import { transact } from "../harness/transaction.ts";

/** Every octet but NUL, CR and LF, in lines as long as they may be, and lines with dots. */
const ODD = [
  ...Array.from({ length: 4 }, (_, row) =>
    Buffer.from(
      Array.from({ length: 900 }, (_x, index) => ((index + row * 60) % 242) + 14),
    ).toString("latin1"),
  ),
  ...[".", "..", "", ".x", " ", "\t", ""],
].join("\r\n");

const MESSAGES = [
  ["small", "Subject: small\r\n\r\nhello\r\n"],
  ["without a body", "Subject: no body\r\n\r\n"],
  [
    "with odd fields",
    "Subject:odd\r\nX-Fold:\r\n  a\r\n\tb \r\nX-Empty:\r\nx-EMPTY: \r\n\r\nhi\r\n",
  ],
  ["with odd octets", `Subject: odd\r\n\r\n${ODD}\r\n`],
  ["large", `Subject: large\r\n\r\n${`${"x".repeat(76)}\r\n`.repeat(20_000)}`],
] as const;

test("with every scanner at work, mail that they leave alone passes byte for byte", async (t) => {
  const clamd = await startClamd(t);
  const icap = await startIcap(t, clamd);
  const rspamd = await startRspamd(t);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signing = await startOpenDkim(t, { domain: "client.test", keyPem });
  const python = await startPythonMilter(t);
  const port = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort: port }) });
  const at = (scanner: { readonly port: number }) => `127.0.0.1:${scanner.port}`;
  await runCmdlet(server, "Set-MalwareFilterConfig", {
    Scanners: [`clamd:${at(clamd)}`, `icap://${at(icap)}/virus_scan`],
  });
  await runCmdlet(server, "Set-ContentFilterConfig", {
    ...{ Enabled: true, Source: "Rspamd", Endpoint: at(rspamd), SCLRejectEnabled: false },
  });
  await runCmdlet(server, "New-Milter", { Name: "Signing", Endpoint: at(signing) });
  await runCmdlet(server, "New-Milter", { Name: "Python", Endpoint: at(python) });
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const from = "From: ann@client.test\r\nMessage-ID: <1@client.test>\r\n";
  for (const [index, [why, rest]] of MESSAGES.entries()) {
    const content = Buffer.from(from + rest, "latin1");
    const envelope = { from: "<ann@client.test>", to: ["<alice@contoso.test>"] };
    // Every other one in chunks.
    const chunks = index % 2 === 1 ? { chunkBytes: 70_001 } : {};
    await transact(client, { ...envelope, content, ...chunks });
    const want = index + 1;
    const mail = await waitForMail(server.dataFolder, {
      address: "alice@contoso.test",
      count: want,
    });
    const [header = "", ...body] = rest.split("\r\n\r\n");
    const found = mail.find((one) => one.includes(`\r\n${header}\r\nX-Body-Bytes: `)) ?? "";
    assert.notEqual(found, "", `${why}: the header`);
    const [above = ""] = found.split(from, 1);
    assert.match(above, /DKIM-Signature: /);
    assert.match(above, /X-MS-Exchange-Organization-SCL: /);
    const bodyText = body.join("\r\n\r\n");
    assert.match(found, new RegExp(`X-Body-Bytes: ${bodyText.length}\r\n\r\n`), why);
    assert.ok(found.endsWith(`\r\n\r\n${bodyText}`), `${why}: the body`);
  }
  await client.quit();
});
