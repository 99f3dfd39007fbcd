import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { createTestAuthority } from "../../src/tls/test-authority.fake.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { type Pebble, startPebble } from "../harness/pebble.ts";
import { prepareServer, startServer, type TestServer, temporaryFolder } from "../harness/server.ts";
import { shownCertificate } from "../harness/tls-client.ts";

const NAMES = ["mail.contoso.test", "smtp.contoso.test"];
const LOOPBACK: Zone = Object.fromEntries(NAMES.map((name) => [name, { A: ["127.0.0.1"] }]));
const DAY_MS = 24 * 3600 * 1000;

function withAcme(
  ports: { readonly smtpPort: number; readonly adminPort?: number },
  pebble: Pebble,
  acme: Readonly<Record<string, unknown>>,
) {
  const { directoryUrl, caFile } = pebble;
  const common = { directoryUrl, caFile, domains: NAMES, termsOfServiceAgreed: true };
  return contoso({
    ...ports,
    more: { transportConfig: { acme: { ...common, ...acme } } },
  });
}

/** Waits until the door shows a certificate that the authority has issued. */
async function waitForIssued(port: number, pebble: Pebble, servername = NAMES[0]) {
  const root = await pebble.root();
  return eventually({ what: "a certificate of the authority" }, async () => {
    const shown = await shownCertificate(port, { ca: root, ...(servername && { servername }) });
    return shown?.authorized ? shown : undefined;
  });
}

const folderOf = (server: TestServer) => join(server.dataFolder, "certificates");
const modeOf = (path: string) => statSync(path).mode & 0o777;

test("http-01: a certificate comes, is shown on every door, and is renewed", async (t) => {
  const pebble = await startPebble(t, { zone: LOOPBACK });
  const ports = { smtpPort: await freePort(), adminPort: await freePort() };
  const httpListen = `127.0.0.1:${pebble.httpPort}`;
  const contact = ["postmaster@contoso.test"];
  const server = await startServer(t, {
    configuration: withAcme(ports, pebble, { httpListen, contact }),
  });
  const first = await waitForIssued(ports.smtpPort, pebble);
  assert.equal(first.certificate.subjectAltName, "DNS:mail.contoso.test, DNS:smtp.contoso.test");
  const second = await waitForIssued(ports.smtpPort, pebble, NAMES[1]);
  assert.equal(second.certificate.fingerprint256, first.certificate.fingerprint256);
  const admin = await shownCertificate(ports.adminPort, { implicit: true });
  assert.equal(admin?.certificate.fingerprint256, first.certificate.fingerprint256);
  const folder = folderOf(server);
  assert.equal(modeOf(join(folder, "acme.pem")), 0o600);
  assert.equal(modeOf(join(folder, "acme/account.key")), 0o600);
  assert.ok(!existsSync(join(folder, "acme/order.json")));
  // Nothing listens there between orders.
  const probe = createServer().listen(pebble.httpPort, "127.0.0.1");
  await new Promise((resolve, reject) => probe.once("listening", resolve).once("error", reject));
  await new Promise((resolve) => probe.close(resolve));

  await server.terminate();
  const old = await (await createTestAuthority("Old")).issue({
    names: ["mail.contoso.test", "smtp.contoso.test"],
    fromMs: Date.now() - 80 * DAY_MS,
    toMs: Date.now() + 10 * DAY_MS,
  });
  await writeFile(join(folder, "acme.pem"), old.pem + old.key);
  await server.start();
  const renewed = await waitForIssued(ports.smtpPort, pebble);
  assert.notEqual(renewed.certificate.fingerprint256, first.certificate.fingerprint256);
  const output = pebble.output();
  assert.equal(output.match(/There are now 1 accounts in memory/g)?.length, 1, output);
});

test("a wrong answer on port 80 is told with its cure, and not tried again at once", async (t) => {
  const pebble = await startPebble(t, { zone: LOOPBACK });
  const other = createServer((_request, response) => response.end("not yours"));
  other.listen(pebble.httpPort, "127.0.0.1");
  t.after(() => void other.close());
  const smtpPort = await freePort();
  const httpListen = `127.0.0.1:${await freePort()}`;
  const server = await startServer(t, {
    configuration: withAcme({ smtpPort }, pebble, { httpListen }),
  });
  const line = await eventually({ what: "the complaint" }, () =>
    server.output.split("\n").find((text) => text.includes('"acme-failed"')),
  );
  const said = JSON.parse(line);
  assert.match(
    said.reason,
    /(?:mail|smtp)\.contoso\.test is not proved \(http-01\): (?:unauthorized|incorrectResponse)/,
  );
  assert.match(said.cure, /port 80 .* acme\.httpListen/);
  assert.ok(Date.parse(said.nextTry) > Date.now() + 60_000);
  assert.doesNotMatch(server.output, /PRIVATE KEY/);
  const shown = await shownCertificate(smtpPort, {});
  assert.equal(shown?.certificate.issuer, "CN=mail.contoso.test");
  const attempts = readFileSync(join(folderOf(server), "acme/attempts.json"), "utf8");
  assert.equal(JSON.parse(attempts).failures, 1);
});

/** A program that keeps TXT records as files, and a zone that reads them. */
async function hookedZone(t: TestContext) {
  const folder = await temporaryFolder(t);
  mkdirSync(join(folder, "records"));
  const program = join(folder, "hook");
  await writeFile(
    program,
    `#!/bin/sh
echo $$ > ${folder}/pid
echo "$*" >> ${folder}/calls
case "$1" in
  present) printf %s "$3" > "${folder}/records/$2" ;;
  cleanup) rm -f "${folder}/records/$2" ;;
esac
[ ! -e ${folder}/block ] || exec sleep 30
`,
  );
  await chmod(program, 0o755);
  const zone = new Proxy<Zone>(
    {},
    {
      get(_target, name) {
        const path = join(folder, "records", String(name));
        return existsSync(path) ? { TXT: [readFileSync(path, "utf8")] } : undefined;
      },
    },
  );
  const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
  return { folder, program, zone, calls };
}

test("dns-01: the hook sets and removes a record for each name; a restart goes on", async (t) => {
  const { folder, program, zone, calls } = await hookedZone(t);
  const pebble = await startPebble(t, { zone });
  const smtpPort = await freePort();
  const server = await prepareServer(t, {
    configuration: withAcme({ smtpPort }, pebble, { challenge: "dns-01", dnsHook: program }),
  });
  await mkdir(join(folder, "block"));
  await server.start();
  await eventually({ what: "the hook" }, () => existsSync(join(folder, "calls")) || undefined);
  await server.kill9();
  process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
  const order = JSON.parse(readFileSync(join(folderOf(server), "acme/order.json"), "utf8"));
  assert.equal(modeOf(join(folderOf(server), "acme/order.json")), 0o600);
  await rm(join(folder, "block"), { recursive: true });
  await server.start();
  const { certificate } = await waitForIssued(smtpPort, pebble);
  assert.equal(certificate.subjectAltName, "DNS:mail.contoso.test, DNS:smtp.contoso.test");
  assert.ok(pebble.output().includes(order.orderUrl.replace(/.*\//, "")));
  assert.equal(pebble.output().match(/There are now \d+ orders/g)?.length, 1, pebble.output());
  const said = calls();
  for (const name of NAMES) {
    const record = `_acme-challenge.${name}`;
    assert.ok(said.some((call) => /^present \S+ [\w-]{43}$/.test(call) && call.includes(record)));
    assert.ok(said.some((call) => call.startsWith(`cleanup ${record} `)));
  }
});

test("without consent to the terms nothing is asked for", async (t) => {
  const pebble = await startPebble(t, { zone: LOOPBACK });
  const smtpPort = await freePort();
  const server = await startServer(t, {
    configuration: withAcme({ smtpPort }, pebble, { termsOfServiceAgreed: false }),
  });
  await eventually(
    { what: "the notice" },
    () => server.output.includes("acme-terms-not-agreed") || undefined,
  );
  assert.match(server.output, /set acme\.termsOfServiceAgreed to true/);
  assert.ok(!existsSync(join(folderOf(server), "acme")));
});
