import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { Zone } from "../../src/dns/zone.fake.ts";
import { openAdminCenter } from "../harness/admin-center.ts";
import { runCmdlet } from "../harness/cmdlets.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startPebble } from "../harness/pebble.ts";
import { run } from "../harness/peers.ts";
import { temporaryFolder } from "../harness/server.ts";
import { shownCertificate } from "../harness/tls-client.ts";

test("an authority's answer to a request is imported, and shown to clients", async (t) => {
  const { server, smtpPort, signIn } = await openAdminCenter(t);
  const folder = await temporaryFolder(t);
  const path = (name: string) => `${folder}/${name}`;
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/certificates");
  await page.getByRole("button", { name: "Request a certificate" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Name\b/).fill("public");
  await dialog.getByLabel(/^Names\b/).fill("mail.contoso.test");
  await dialog.getByRole("button", { name: "Make the request" }).click();
  const request = await dialog.getByLabel("Request (PEM)").inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();

  await writeFile(path("request.pem"), request);
  await writeFile(path("names"), "subjectAltName=DNS:mail.contoso.test\n");
  const root = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=An authority"];
  await run("openssl", ["req", ...root, "-keyout", path("ca.key"), "-out", path("ca.pem")]);
  const by = ["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "200"];
  const what = ["-in", path("request.pem"), "-out", path("answer.pem"), "-extfile", path("names")];
  await run("openssl", ["x509", "-req", ...by, ...what]);

  await page.getByRole("row", { name: /public.*Waits for the authority/ }).click();
  await page.getByRole("button", { name: "Import the answer" }).click();
  const file = dialog.getByLabel("Certificate (PFX or PEM)");
  // What belongs to another key is refused, and the key goes on waiting.
  await file.setInputFiles(path("ca.pem"));
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await admin.check("refused answer");
  await file.setInputFiles(path("answer.pem"));
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /public.*Valid/ }).waitFor();
  await page.getByText("CN=An authority").waitFor();
  await admin.check("imported answer");
  await admin.picture("certificate-imported");
  const [made] = (await runCmdlet(server, "Get-ExchangeCertificate")).filter(
    (one) => one["Identity"] === "public",
  );
  assert.deepEqual([made?.["Status"], made?.["Issuer"]], ["Valid", "CN=An authority"]);
  const shown = await shownCertificate(smtpPort, { servername: "mail.contoso.test" });
  assert.equal(shown?.certificate.issuer, "CN=An authority");
});

const NAME = "mail.contoso.test";
const LOOPBACK: Zone = { [NAME]: { A: ["127.0.0.1"] } };

test("a certificate is fetched: why it fails is told, and that it has come", async (t) => {
  const pebble = await startPebble(t, { zone: LOOPBACK });
  const { server, signIn } = await openAdminCenter(t);
  const acme = {
    directoryUrl: pebble.directoryUrl,
    caFile: pebble.caFile,
    domains: [NAME],
    termsOfServiceAgreed: true,
  };
  const admin = await signIn();
  const { page } = admin;
  await admin.visit("/mail-flow/certificates/automatic");
  await page.getByText("Off: there are no settings yet.").waitFor();
  const wrong = { ...acme, httpListen: `127.0.0.1:${await freePort()}` };
  await runCmdlet(server, "Set-TransportConfig", { Acme: wrong });
  const state = page.getByRole("region", { name: "How far it is" });
  await state.getByText("Failed, 1 time in a row.").waitFor({ timeout: 60_000 });
  await state.getByText(/mail\.contoso\.test is not proved \(http-01\)/).waitFor();
  await state.getByText(/let port 80 of that name lead to acme\.httpListen/).waitFor();
  await state.getByText("Next try").waitFor();
  await admin.check("failed order");
  await admin.picture("acme-failed");
  const [before] = await runCmdlet(server, "Get-AcmeState");
  await state.getByRole("button", { name: "Try now" }).click();
  await eventually({ what: "another try", withinMs: 60_000 }, async () => {
    const [now] = await runCmdlet(server, "Get-AcmeState");
    return (now?.["State"] === "Failed" && now["LastTry"] !== before?.["LastTry"]) || undefined;
  });
  const right = { ...acme, httpListen: `127.0.0.1:${pebble.httpPort}` };
  await runCmdlet(server, "Set-TransportConfig", { Acme: right });
  await eventually({ what: "the certificate", withinMs: 60_000 }, async () => {
    const all = await runCmdlet(server, "Get-ExchangeCertificate");
    return all.some((one) => one["Identity"] === "acme") || undefined;
  });
  await state.getByText(/^All is well/).waitFor();
  assert.equal(await state.getByText("Last error").count(), 0);
  await admin.check("order that has come");
  await admin.visit("/mail-flow/certificates");
  await page.getByRole("row", { name: /acme.*Valid/ }).waitFor();
  const [told] = await runCmdlet(server, "Get-AcmeState");
  assert.equal(textOf(told?.["State"]), "Scheduled");
});
