// What mailboxes hear of the quarantine, and the page behind the links of such a mail.

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import PostalMime from "postal-mime";
import { textOf } from "../../src/base/text-of.fake.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import { readMaildir, waitForMail } from "../harness/maildir.ts";
import { run } from "../harness/peers.ts";
import { later } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";
import { startDnsServer } from "../peers/dns-server.ts";

const ALICE = "alice@contoso.test";

/** A server that keeps mail without a From, of which users may hear. */
async function openBench(t: TestContext) {
  const dns = await startDnsServer({});
  later(t, () => dns.close());
  const [smtpPort, adminPort] = [await freePort(), await freePort()];
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort,
      internet: { dnsPort: dns.port, port: await freePort() },
      receiveConnector: { senderAuthenticationEnabled: true },
      more: {
        server: {
          fqdn: "mail.contoso.test",
          dnsServers: [`127.0.0.1:${dns.port}`],
          admin: { listen: `127.0.0.1:${adminPort}` },
        },
        senderIdConfig: { missingFromAction: "Quarantine" },
      },
    }),
  });
  const curl = (...options: readonly string[]) =>
    run("curl", [
      ...["--silent", "--show-error", "--include"],
      ...["--cacert", join(server.dataFolder, "certificates", "self-signed.crt")],
      ...["--resolve", `mail.contoso.test:${adminPort}:127.0.0.1`],
      ...options,
    ]);
  const send = (subject: string) =>
    submit(smtpPort, {
      from: "<ann@fabrikam.test>",
      to: [`<${ALICE}>`, "<bob@contoso.test>"],
      content: `Subject: ${subject}\r\n\r\nHello <b>${subject}</b>`,
    });
  const kept = () => runCmdlet(server, "Get-QuarantineMessage", { RecipientAddress: ALICE });
  return { server, curl, send, kept };
}

/** A time of day that is about to come. */
function soon(): string {
  return new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString().slice(11, 19);
}

test("a digest comes, its links show a page, and only a form releases", async (t) => {
  const { server, curl, send, kept } = await openBench(t);
  await send("first");
  await send("second");
  await runCmdlet(server, "Set-QuarantinePolicy", {
    ESNEnabled: true,
    EndUserSpamNotificationTime: soon(),
    EndUserQuarantineTypes: ["Policy"],
    Force: true,
  });
  const [digest = ""] = await waitForMail(server.dataFolder, { address: ALICE, count: 1 });
  const mail = await PostalMime.parse(Buffer.from(digest, "latin1"));
  assert.equal(mail.subject, "Messages for you in quarantine");
  assert.equal(mail.from?.address, "postmaster@contoso.test");
  const links = mail.text?.match(/https:\S+/g) ?? [];
  assert.equal(links.length, 6, mail.text);
  const [, , allowSecond = "", viewFirst = "", releaseFirst = ""] = links;

  const [message] = (await kept()).filter(({ Subject }) => Subject === "first");
  for (const options of [[releaseFirst], ["--head", releaseFirst], [viewFirst], [allowSecond]]) {
    const { stdout } = await curl(...options);
    assert.match(stdout, /^HTTP\/1\.1 200 /);
    assert.match(
      stdout,
      /^content-security-policy: default-src 'none'; style-src 'sha256-[^']+'; form-action/im,
    );
    assert.match(stdout, /^referrer-policy: no-referrer/im);
    assert.match(stdout, /^cache-control: no-store/im);
  }
  assert.equal((await kept()).length, 2, "nobody has released anything yet");

  const shown = await curl("--data", "action=view", viewFirst);
  assert.match(shown.stdout, /<pre>Hello &lt;b&gt;first&lt;\/b&gt;/);
  const released = await curl("--data", "action=release", releaseFirst);
  assert.match(released.stdout, /^HTTP\/1\.1 200 [\s\S]*The message was released/);
  await waitForMail(server.dataFolder, { address: ALICE, count: 2 });
  const again = await curl("--data", "action=release", releaseFirst);
  assert.match(again.stdout, /^HTTP\/1\.1 404 /);
  const Identity = textOf(message?.["Identity"]);
  const [forBob] = await runCmdlet(server, "Get-QuarantineMessage", { Identity });
  assert.deepEqual(forBob?.["RecipientAddress"], ["bob@contoso.test"], "it is kept from him");

  await curl("--data", "action=allow", allowSecond);
  await waitForMail(server.dataFolder, { address: ALICE, count: 3 });
  const [alice] = await runCmdlet(server, "Get-Mailbox", { Identity: "alice" });
  assert.deepEqual(alice?.["SafeSenders"], ["ann@fabrikam.test"]);

  const forged = viewFirst.slice(0, -1) + (viewFirst.endsWith("A") ? "E" : "A");
  assert.match((await curl(forged)).stdout, /^HTTP\/1\.1 404 /);
  const audited = await runCmdlet(server, "Search-AdminAuditLog", {});
  const callers = audited.filter(({ CmdletName }) => CmdletName === "Release-QuarantineMessage");
  assert.deepEqual(
    callers.map(({ Caller }) => Caller),
    [`${ALICE} (quarantine link)`, `${ALICE} (quarantine link)`],
  );
  assert.doesNotMatch(server.output, new RegExp(viewFirst.slice(viewFirst.lastIndexOf("/") + 1)));

  const bobs = await readMaildir(server.dataFolder, "bob@contoso.test");
  const own = await PostalMime.parse(Buffer.from(bobs[0] ?? "", "latin1"));
  const bobsLink = own.text?.match(/https:\S+/)?.[0] ?? "";
  assert.match((await curl(bobsLink)).stdout, /^HTTP\/1\.1 200 /);
  await runCmdlet(server, "Set-QuarantinePolicy", { ESNEnabled: false, Force: true });
  assert.match((await curl(bobsLink)).stdout, /^HTTP\/1\.1 404 /, "switched off, links are too");
});
