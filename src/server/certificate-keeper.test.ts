import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { type DiagnosticFields, silentDiagnostics } from "../base/diagnostics.ts";
import { createMetrics } from "../base/metrics.ts";
import { DAY } from "../base/units.ts";
import { organizationOf } from "../org/sample-objects.fake.ts";
import type { CertificateSet } from "../tls/certificate-store.ts";
import { createTestAuthority } from "../tls/test-authority.fake.ts";
import {
  CERTIFICATE_POLL_MS,
  CERTIFICATE_SETTLE_MS,
  CertificateKeeper,
} from "./certificate-keeper.ts";

const ORGANIZATION = organizationOf(`
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test, domainType: Authoritative, default: true }]
`);
const authority = await createTestAuthority("CA");

async function openKeeper(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "postrider-keeper-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const clock = fakeClock(Date.UTC(2026, 0, 1));
  const said: [string, DiagnosticFields][] = [];
  const tell = (event: string, fields: DiagnosticFields = {}) => void said.push([event, fields]);
  const metrics = createMetrics();
  const keeper = await CertificateKeeper.open({
    directory,
    clock,
    diagnostics: { ...silentDiagnostics, warn: tell, error: tell },
    metrics,
    organization: () => ORGANIZATION,
  });
  const published: CertificateSet[] = [];
  keeper.start((set) => void published.push(set));
  t.after(() => keeper.stop());
  /** Lets time pass; then what the keeper began with the folder is done. */
  const pass = async (spanMs: number) => {
    clock.advance(spanMs);
    await keeper.whenIdle();
  };
  const files = () => keeper.set.materials.map(({ file }) => file).join(" ");
  const put = (name: string, text: string) => writeFile(join(directory, name), text);
  const events = () => said.map(([event]) => event);
  return { keeper, clock, directory, metrics, said, events, published, pass, files, put };
}

test("a file is taken up once it has stayed as it is, with new keys for tickets", async (t) => {
  const { keeper, pass, files, put, published } = await openKeeper(t);
  const before = keeper.set.ticketKeys;
  const { pem, key } = await authority.issue({ names: ["a.test"] });
  await put("a.pem", pem + key);
  await pass(CERTIFICATE_POLL_MS);
  assert.equal(files(), "self-signed.crt");
  await put("a.pem", `${pem}${key}\n# still growing`);
  await pass(CERTIFICATE_SETTLE_MS);
  assert.equal(files(), "self-signed.crt");
  await pass(CERTIFICATE_SETTLE_MS);
  assert.equal(files(), "a.pem self-signed.crt");
  assert.equal(published.length, 1);
  assert.equal(published[0], keeper.set);
  assert.notDeepEqual(keeper.set.ticketKeys, before);
  assert.equal(keeper.set.ticketKeys.length, 48);
  assert.deepEqual(keeper.store.serverSecret("a.test"), keeper.set.materials[0]?.secret);
});

test("what can't be used keeps the one before, and is told once", async (t) => {
  const { keeper, directory, pass, files, put, events } = await openKeeper(t);
  const { pem, key } = await authority.issue({ names: ["a.test"] });
  await put("a.pem", pem + key);
  await keeper.refresh();
  await put("a.pem", pem);
  for (let looks = 0; looks < 4; looks += 1) await pass(CERTIFICATE_POLL_MS);
  assert.match(files(), /a\.pem/);
  assert.deepEqual(events(), ["self-signed-certificate-made", "certificate-unusable"]);
  assert.match(keeper.health().reason ?? "", /a\.pem: there is no PEM private key/);
  assert.equal(keeper.health().ok, true);
  await rm(join(directory, "a.pem"));
  await pass(CERTIFICATE_POLL_MS);
  await pass(CERTIFICATE_SETTLE_MS);
  assert.equal(files(), "self-signed.crt");
  assert.equal(keeper.health().reason, undefined);
});

test("a folder that is gone is made again, with a self-signed certificate", async (t) => {
  const { keeper, directory, pass, files, events } = await openKeeper(t);
  await rm(directory, { recursive: true });
  await pass(CERTIFICATE_POLL_MS);
  await pass(CERTIFICATE_SETTLE_MS);
  assert.equal(files(), "self-signed.crt");
  assert.deepEqual(events(), ["self-signed-certificate-made", "self-signed-certificate-made"]);
  assert.notEqual(keeper.store.serverSecret("mail.contoso.test"), undefined);
});

test("a folder that cannot be read is told once, and keeps what was in force", async (t) => {
  const { keeper, directory, pass, files, events } = await openKeeper(t);
  await rename(directory, `${directory}-moved`);
  await writeFile(directory, "no folder");
  for (let looks = 0; looks < 4; looks += 1) await pass(CERTIFICATE_POLL_MS);
  assert.equal(files(), "self-signed.crt");
  assert.deepEqual(events(), ["self-signed-certificate-made", "certificates-unreadable"]);
  assert.match(keeper.health().reason ?? "", /ENOTDIR/);
  await rm(directory);
  await rename(`${directory}-moved`, directory);
  await pass(CERTIFICATE_POLL_MS);
  assert.equal(keeper.health().reason, undefined);
});

test("keys for tickets change every day, the self-signed certificate before it ends", async (t) => {
  const { keeper, pass, published, events } = await openKeeper(t);
  const fingerprint = keeper.set.materials[0]?.fingerprint;
  await pass(DAY - CERTIFICATE_POLL_MS);
  const day1 = published.length;
  await pass(2 * CERTIFICATE_POLL_MS);
  assert.equal(published.length, day1 + 1);
  assert.equal(keeper.set.materials[0]?.fingerprint, fingerprint);
  await pass(5 * 365 * DAY - 20 * DAY);
  await pass(CERTIFICATE_POLL_MS);
  await pass(CERTIFICATE_SETTLE_MS);
  assert.notEqual(keeper.set.materials[0]?.fingerprint, fingerprint);
  assert.deepEqual(new Set(events()), new Set(["self-signed-certificate-made"]));
});

test("expiry is told 30 and 14 days before and at the end, once each", async (t) => {
  const { keeper, clock, metrics, pass, put, said } = await openKeeper(t);
  const toMs = clock.nowMs() + 40 * DAY;
  const { pem, key } = await authority.issue({ names: ["a.test"], toMs });
  await put("a.pem", pem + key);
  await keeper.refresh();
  for (let day = 0; day < 45; day += 1) await pass(DAY);
  const told = said
    .filter(([event]) => event.startsWith("certificate-expire"))
    .map(([event, fields]) => `${event} ${fields["daysLeft"]}`);
  assert.deepEqual(told, [
    "certificate-expires-soon 30",
    "certificate-expires-soon 14",
    "certificate-expired -1",
  ]);
  assert.match(keeper.health().reason ?? "", /a\.pem has expired/);
  assert.equal(metrics.snapshot().values["postrider_certificates_near_expiry"], 1);
});
