import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { saidOf, waitForRows } from "../harness/evidence.ts";
import { freePort } from "../harness/free-port.ts";
import { type LocalZone, startLocalZones } from "../harness/local-zones.ts";
import { run } from "../harness/peers.ts";
import { startPostfixPeer } from "../harness/postfix-peer.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";
import { submit } from "../harness/transaction.ts";

/** A network of its own, so that port 25 and the resolver's 53 are free there. */
const OWN_NETWORK = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
/** Programs ask the resolver that this file names: it is put there for one of them alone. */
const OWN_RESOLVER = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';

/** The TLSA record of RFC 7671 §5.1 for the key of a certificate. */
function tlsaOf(pem: string): string {
  const key = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `3 1 1 ${createHash("sha256").update(key).digest("hex")}`;
}

const OTHER_KEY = `3 1 1 ${"0".repeat(64)}`;

function zone(
  name: string,
  isSigned: boolean,
  host: { readonly port: number; readonly tlsa: string | undefined },
): LocalZone {
  const { port, tlsa } = host;
  const records = ["@ MX 10 mail", "mail A 127.0.0.1"];
  if (tlsa !== undefined) records.push(`_${port}._tcp.mail TLSA ${tlsa}`);
  return { name, isSigned, records };
}

async function isPermitted(t: TestContext): Promise<boolean> {
  const { code } = await run("unshare", ["--net", "--mount", "ip", "link", "set", "lo", "up"]);
  if (code !== 0) t.diagnostic("not run: a network of its own is not permitted here");
  return code === 0;
}

test("posttls-finger verifies us by DANE, and nobody in our place", async (t) => {
  if (!(await isPermitted(t))) return;
  const server = await startServer(t, {
    configuration: contoso({ smtpPort: 25 }),
    wrapper: OWN_NETWORK,
  });
  const wrapper = ["nsenter", `--net=/proc/${server.pid}/ns/net`];
  const inside = (...words: readonly string[]) => {
    const [program = "", ...options] = [...wrapper, ...words];
    return run(program, options);
  };
  const connect = ["openssl", "s_client", "-starttls", "smtp", "-connect", "127.0.0.1:25"];
  const { stdout: shown } = await inside(...connect);
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(shown)?.[0];
  assert.ok(pem, shown);
  const tlsa = tlsaOf(pem);
  const zones = [
    zone("contoso.test", true, { port: 25, tlsa }),
    zone("wrong.test", true, { port: 25, tlsa: OTHER_KEY }),
    zone("none.test", true, { port: 25, tlsa: undefined }),
    zone("unsigned.test", false, { port: 25, tlsa }),
  ];
  await startLocalZones(t, zones, { port: 53, wrapper });
  const folder = await temporaryFolder(t);
  const resolver = join(folder, "resolv.conf");
  await writeFile(resolver, "nameserver 127.0.0.1\n");
  await writeFile(join(folder, "main.cf"), "compatibility_level = 3.6\ninet_protocols = ipv4\n");
  const finger = async (domain: string) => {
    const asked = ["env", `MAIL_CONFIG=${folder}`, "posttls-finger", "-c", "-l", "dane", domain];
    const alone = ["unshare", "--mount", "sh", "-c", OWN_RESOLVER, "sh", resolver];
    const { stdout, stderr } = await inside(...alone, ...asked);
    return stdout + stderr;
  };
  assert.match(
    await finger("contoso.test"),
    /Verified TLS connection established to mail\.contoso\.test\[127\.0\.0\.1\]:25: TLSv1\.3/,
  );
  assert.match(await finger("wrong.test"), /Untrusted TLS connection established to mail\.wrong/);
  for (const domain of ["none.test", "unsigned.test"]) {
    const said = await finger(domain);
    assert.match(said, /TLS connection established to/);
    assert.doesNotMatch(said, /Verified/, domain);
  }
});

test("Postfix in a signed zone gets our mail by DANE, unless its key is another", async (t) => {
  const settings = { virtual_mailbox_domains: "good.test, wrong.test, unsigned.test" };
  const peer = await startPostfixPeer(t, { relayPort: await freePort(), settings });
  const { port } = peer;
  const tlsa = tlsaOf(await readFile(join(peer.mailFolder, "certificate.pem"), "utf8"));
  const resolver = await startLocalZones(t, [
    zone("good.test", true, { port, tlsa }),
    zone("wrong.test", true, { port, tlsa: OTHER_KEY }),
    zone("unsigned.test", false, { port, tlsa: OTHER_KEY }),
  ]);
  const relayPort = await freePort();
  const server = await startServer(t, {
    configuration: contoso({
      smtpPort: await freePort(),
      relayPort,
      internet: { dnsPort: resolver, port },
    }),
  });
  const send = (domain: string, id: string, field = "") =>
    submit(relayPort, {
      from: "<alice@contoso.test>",
      to: [`<a@${domain}>`],
      content: `Message-ID: ${id}\r\n${field}Subject: DANE\r\n\r\nx\r\n`,
    });
  const heard = (domain: string, what: RegExp) =>
    eventually({ what: `${what} of ${domain}` }, () =>
      what.test(saidOf(server, domain)) ? true : undefined,
    );
  for (const domain of ["good.test", "wrong.test", "unsigned.test"]) {
    await send(domain, `<${domain}>`);
  }
  const sent = await waitForRows(server, "<good.test>", { event: "SEND" });
  assert.match(
    sent.at(-1)?.["custom-data"] ?? "",
    /^S:TlsVersion=TLSv1\.3;S:TlsCipher=TLS_\w+;S:TlsPolicy=Dane$/,
  );
  await heard("good.test", /TLS negotiation succeeded: TLSv1\.3 .*CN=postfix\.test, DANE/);
  await waitForRows(server, "<unsigned.test>", { event: "SEND" });
  await heard("unsigned.test", /TLS negotiation succeeded: TLSv1\.3 .*, no policy/);
  await heard("wrong.test", /451 4\.7\.323 tlsa-invalid/);
  // While it waits, mail whose author does not ask for TLS goes by (RFC 8689 §3).
  await send("wrong.test", "<free@contoso.test>", "TLS-Required: No\r\n");
  const [, ...rows] = await waitForRows(server, "<free@contoso.test>", { event: "SEND" });
  assert.equal(rows.length, 1, "at once");
  await heard("wrong.test", /TLS negotiation succeeded: .*TLS-Required: No/);
  const waiting = await waitForRows(server, "<wrong.test>", { event: "RECEIVE" });
  assert.deepEqual(
    waiting.filter((row) => row["event-id"] === "SEND"),
    [],
  );
});
