import { textOf } from "../../src/base/text-of.fake.ts";
import { type AdminCenter, openAdminCenter } from "./admin-center.ts";
import { runCmdlet } from "./cmdlets.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { startHop } from "./hop.ts";
import type { Scope } from "./scope.ts";
import { SmtpClient } from "./smtp-client.ts";

/** What a page would do if it took text for markup: each part tells on itself in `window.pwned`. */
export const HOSTILE: string =
  `"><img src=x onerror=window.pwned=1><script>window.pwned=2</script>` +
  `<svg onload=window.pwned=3><a href="javascript:window.pwned=4">x</a>\${window.pwned=5}{{7*7}}`;
/** Turns what follows around on the screen. */
export const BIDI: string = "\u{202e}moc.elpmaxe\u{2066}";

/** As an encoded word (RFC 2047), so that anything can be in a header. */
function encoded(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
}

const HEADERS = [
  `From: ${encoded(HOSTILE)} <eve@evil.test>`,
  `Subject: ${encoded(HOSTILE + BIDI)}`,
  "To: alice@contoso.test",
  "Message-ID: <img.src=x.onerror=window.pwned=6@evil.test>",
  `X-Note: ${HOSTILE}`,
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
];
const HTML = `<html><body onload="parent.pwned=7"><h1>Hi</h1>${HOSTILE}
<form action="https://evil.test/"><input name=a autofocus onfocus="parent.pwned=8"></form>
<meta http-equiv=refresh content="0;url=https://evil.test/"><img src="https://evil.test/p.gif">
<style>body{background:url(https://evil.test/c.gif)}</style>
<iframe src="https://evil.test/"></iframe>
<math><mtext><table><mglyph><style><img src=x onerror=parent.pwned=9></style></table></mtext></math>
</body></html>`;
const CONTENT = [
  ...HEADERS,
  "",
  "--b",
  "Content-Type: text/html; charset=utf-8",
  "",
  HTML.replaceAll("\n", "\r\n"),
  "--b",
  `Content-Type: application/x-thing; name="${encoded(`${HOSTILE}.exe`)}"`,
  `Content-Disposition: attachment; filename="${encoded(`${HOSTILE}.exe`)}"`,
  "",
  "MZ",
  "--b--",
  "",
].join("\r\n");

/** A server with something of everything, and markup wherever others have a say in it. */
export async function openHostileOrganization(t: Scope): Promise<AdminCenter> {
  const words = HOSTILE.slice(0, 300);
  // Of a recipient's refusal a message tells, of a greeting the queue.
  const [refusing, closed] = await Promise.all([
    startHop(t, {
      port: await freePort(),
      respond: ({ verb }) => (verb === "RCPT" ? { reply: `450 4.2.0 ${words}` } : undefined),
    }),
    startHop(t, {
      port: await freePort(),
      respond: ({ verb }) => (verb === "connect" ? { reply: `421 4.3.2 ${words}` } : undefined),
    }),
  ]);
  const relayPort = await freePort();
  const center = await openAdminCenter(t, {
    relayPort,
    smartHostPort: refusing.port,
    more: {
      transportRules: [{ name: "Keep", sentTo: ["bob@contoso.test"], quarantine: true }],
      mailContacts: [
        {
          name: "partner",
          primarySmtpAddress: "partner@contoso.test",
          externalEmailAddress: "partner@fabrikam.test",
        },
      ],
      remoteDomains: [{ name: "Fabrikam", domainName: "fabrikam.test" }],
    },
  });
  const { server, smtpPort } = center;
  await runCmdlet(server, "New-DistributionGroup", {
    Name: "team",
    PrimarySmtpAddress: "team@contoso.test",
    Members: ["alice@contoso.test"],
  });
  await runCmdlet(server, "New-SendConnector", {
    Name: "Partner",
    AddressSpaces: ["SMTP:partner.test;1"],
    SmartHosts: ["[127.0.0.1]"],
    Port: closed.port,
    Comment: HOSTILE,
  });
  const sees = (cmdlet: string, word: string) =>
    eventually({ what: `${word} in ${cmdlet}`, withinMs: 30_000 }, async () => {
      const objects = await runCmdlet(server, cmdlet, {});
      return objects.some(({ LastError }) => textOf(LastError).includes(word)) || undefined;
    });
  await send(smtpPort, ["alice@contoso.test", "bob@contoso.test"]);
  await send(relayPort, ["x@evil.test", "y@fabrikam.test", "z@partner.test"]);
  await sees("Get-Message", "onerror");
  await sees("Get-Queue", "onerror");
  await eventually({ what: "the quarantine", withinMs: 20_000 }, async () => {
    const kept = await runCmdlet(server, "Get-QuarantineMessage", {});
    return kept.length > 0 || undefined;
  });
  return center;
}

async function send(port: number, to: readonly string[]): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO [127.0.0.1]", 250);
  const { code, lines } = await client.sendMessage({
    from: "eve@evil.test",
    to,
    content: CONTENT,
  });
  if (code !== 250) throw new Error(`not taken: ${lines.join(" ")}`);
  client.socket.end();
}
