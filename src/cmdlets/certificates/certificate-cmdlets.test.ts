import assert from "node:assert/strict";
import { test } from "node:test";
import { ACME_OFF } from "../../acme/acme-state.ts";
import { fakeClock } from "../../base/clock.fake.ts";
import { silentDiagnostics } from "../../base/diagnostics.ts";
import { fault, ok } from "../../base/result.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { DAY } from "../../base/units.ts";
import { createCmdletTable } from "../../cmdlet/cmdlet-table.ts";
import { createExecute } from "../../cmdlet/execute.ts";
import type { AuditEntry, ExecutionRecord } from "../../cmdlet/execution.ts";
import { StoredOrganization } from "../../org/stored-organization.ts";
import { MemoryOrganizationStore } from "../../store/organization-memory.ts";
import type { CertificateUpload } from "../../tls/certificate-import.ts";
import type { CertificateDesk, KnownCertificate } from "./services.ts";
import { CERTIFICATE_CMDLETS } from "./table.ts";

const NOW_MS = Date.parse("2026-11-21T08:00:00Z");
const YAML = `
server: { fqdn: mail.contoso.test }
acceptedDomains: [{ name: contoso.test }]
receiveConnectors:
  - { name: Frontend, bindings: "127.0.0.1:25", authMechanism: [Tls] }
  - { name: Plain, bindings: "127.0.0.1:26", authMechanism: [None] }
sendConnectors: [{ name: Out, addressSpaces: ["*"] }]
`;

function certificate(file: string, changes: Partial<KnownCertificate> = {}): KnownCertificate {
  return {
    file,
    names: ["mail.contoso.test"],
    subject: "C=DE\nCN=mail.contoso.test",
    issuer: "O=Contoso\\, Ltd.\nCN=CA",
    fingerprint: `AB:CD:${file.length.toString(16).padStart(2, "0").toUpperCase()}`,
    selfSigned: false,
    keyType: "ec",
    chainLength: 1,
    validFromMs: NOW_MS - 10 * DAY,
    validToMs: NOW_MS + 90 * DAY,
    ...changes,
  };
}

/** A folder in memory. */
function fakeDesk(...certificates: readonly KnownCertificate[]) {
  let all = [...certificates];
  const uploads: CertificateUpload[] = [];
  const removed: string[] = [];
  const desk: CertificateDesk = {
    list: () => all,
    faults: () => ["certificates/broken.crt: the private key is damaged"],
    listRequests: async () => ["waiting"],
    async import(upload) {
      uploads.push(upload);
      if (upload.passphrase === "wrong") return fault({ reason: "no", cure: "try again" });
      const material = certificate(`${upload.name}.pem`);
      all = [...all, material];
      return ok({ material: { ...material, secret: { cert: "", key: "" } }, warnings: ["it is"] });
    },
    async makeSelfSigned({ name, domainNames }) {
      const material = certificate(`${name}.pem`, { names: domainNames, selfSigned: true });
      all = [...all, material];
      return ok({ material: { ...material, secret: { cert: "", key: "" } }, warnings: [] });
    },
    makeRequest: async ({ name }) => ok(`-----BEGIN ${name}-----\n`),
    remove: async (name) => void removed.push(name),
  };
  return { desk, uploads, removed };
}

/** The job: what it is at, and how often it was told to try. */
const acme = {
  state: ACME_OFF,
  tries: 0,
  tryNow() {
    acme.tries += 1;
  },
};

async function openRoom(...certificates: readonly KnownCertificate[]) {
  const store = new MemoryOrganizationStore();
  const secrets = createSecretBox(Buffer.alloc(32));
  const machine = { hostName: "mail.contoso.test", cores: 2 };
  const organization = new StoredOrganization({ store, secrets, machine, file: undefined });
  const parsed = await organization.parse(YAML, "f.yaml");
  assert.ok(parsed.ok);
  await organization.apply(parsed.value, { mode: "store" });
  assert.ok((await organization.open()).ok);
  const { desk, ...seen } = fakeDesk(...certificates);
  const audited: AuditEntry[] = [];
  const execute = createExecute({
    table: createCmdletTable(CERTIFICATE_CMDLETS),
    services: { organization, certificates: desk, acme },
    clock: fakeClock(NOW_MS),
    diagnostics: silentDiagnostics,
    audit: async (entry) => void audited.push(entry),
  });
  const run = async (cmdlet: string, parameters: object = {}, whatIf = false) => {
    const roleGroups = ["Server Management"] as const;
    const caller = { name: "sue", roleGroups, via: "session", address: "::1" } as const;
    const { signal } = new AbortController();
    const request = { cmdlet, parameters: { ...parameters }, whatIf, caller, signal };
    const records: ExecutionRecord[] = [];
    for await (const record of execute(request)) records.push(record);
    return {
      values: records.flatMap((one) => (one.kind === "object" ? [one.value] : [])),
      warnings: records.flatMap((one) => (one.kind === "warning" ? [one.text] : [])),
      actions: records.flatMap((one) => (one.kind === "plan" ? one.plan.actions : [])),
      failed: records.find((one) => one.kind === "failed"),
    };
  };
  return { run, audited, organization, ...seen };
}

test("certificates are shown with what shows them, and what is wrong", async () => {
  const { run } = await openRoom(
    certificate("mail.crt"),
    certificate("other.crt", { names: ["x.test"], validToMs: NOW_MS + DAY }),
    certificate("old.pem", { validToMs: NOW_MS - 1 }),
  );
  const { values, warnings } = await run("Get-ExchangeCertificate");
  assert.deepEqual(
    values.map((one) => [one["Identity"], one["Status"], one["Services"]]),
    [
      ["mail", "Valid", ["ReceiveConnector Frontend"]],
      ["other", "ExpiresSoon", []],
      ["old", "Expired", []],
      ["waiting", "PendingRequest", null],
    ],
  );
  assert.deepEqual(
    [values[0]?.["Subject"], values[0]?.["Issuer"], values[0]?.["DaysLeft"]],
    ["C=DE, CN=mail.contoso.test", "O=Contoso\\, Ltd., CN=CA", 90],
  );
  assert.equal(warnings.length, 1);
  const soon = await run("Get-ExchangeCertificate", { Filter: "NotAfter -lt +30d" });
  assert.deepEqual(
    soon.values.map((one) => one["Identity"]),
    ["other", "old"],
  );
  for (const identity of ["MAIL", "mail.crt", "abcd08"]) {
    const one = await run("Get-ExchangeCertificate", { Identity: identity });
    assert.equal(one.values[0]?.["File"], "mail.crt", identity);
  }
  const none = await run("Get-ExchangeCertificate", { Identity: "mial" });
  assert.match(none.failed?.message ?? "", /no certificate "mial"; did you mean "mail"/);
});

test("a certificate is imported from what the client has read; no log shows it", async () => {
  const { run, uploads, audited } = await openRoom();
  const FileData = Buffer.from("-----BEGIN PRIVATE KEY-----").toString("base64");
  const given = { Name: "mail", FileData, Password: "hush" };
  const { values, warnings, failed } = await run("Import-ExchangeCertificate", given);
  assert.equal(failed, undefined, failed?.message);
  assert.equal(values[0]?.["Identity"], "mail");
  assert.deepEqual(warnings, ["beware: it is"]);
  assert.deepEqual(
    uploads.map(({ name, content, passphrase }) => [name, String(content), passphrase]),
    [["mail", "-----BEGIN PRIVATE KEY-----", "hush"]],
  );
  const told = JSON.stringify(audited);
  assert.ok(!told.includes(FileData) && !told.includes("hush"));
  for (const [wrong, message] of [
    [{ ...given, Password: "wrong" }, /no; try again/],
    [{ Name: "mail" }, /give -FileData/],
    [{ Name: "mail", FileName: "/etc/passwd", FileData }, /the server reads none of yours/],
    [{ Name: "mail", FileData: "!!" }, /is not base64/],
  ] as const) {
    const refused = await run("Import-ExchangeCertificate", wrong);
    assert.equal(refused.failed?.code, "bad-parameter");
    assert.match(refused.failed.message, message);
  }
});

test("a certificate is made, or a request for one", async () => {
  const { run, audited } = await openRoom();
  const names = ["mail.contoso.test", "*.contoso.test"];
  const made = await run("New-ExchangeCertificate", { Name: "lab", DomainName: names });
  assert.deepEqual(made.values[0]?.["CertificateDomains"], names);
  const given = { Name: "mail", DomainName: names, GenerateRequest: true };
  const asked = await run("New-ExchangeCertificate", given);
  assert.deepEqual(
    [asked.values[0]?.["Request"], asked.values[0]?.["Thumbprint"]],
    ["-----BEGIN mail-----\n", null],
  );
  assert.deepEqual(
    audited.flatMap(({ changes }) => changes.map(({ object }) => object)),
    ["ExchangeCertificate lab", "CertificateRequest mail"],
  );
});

test("a connector is told to show it; then it cannot be removed", async () => {
  const { run, organization, removed, audited } = await openRoom(
    certificate("mail.crt"),
    certificate("spare.crt", { subject: "CN=spare" }),
    certificate("self-signed.crt", { subject: "CN=x", issuer: "CN=x", selfSigned: true }),
    certificate("bare.crt", { subject: "" }),
  );
  const given = { Identity: "spare", ReceiveConnector: "frontend", SendConnector: ["Out"] };
  const shown = await run("Enable-ExchangeCertificate", given, true);
  const pin = "<I>O=Contoso\\\\, Ltd., CN=CA<S>CN=spare";
  assert.deepEqual(shown.actions, [
    `Set ReceiveConnector Frontend: TlsCertificateName: null -> "${pin}"`,
    `Set SendConnector Out: TlsCertificateName: null -> "${pin}"`,
  ]);
  const { values, failed } = await run("Enable-ExchangeCertificate", given);
  assert.equal(failed, undefined, failed?.message);
  const users = ["ReceiveConnector Frontend", "SendConnector Out"];
  assert.deepEqual(values[0]?.["Services"], users);
  assert.equal(audited[0]?.changes.length, 2);
  const { receiveConnectors } = organization.organization;
  const named = receiveConnectors.find(({ name }) => name === "Frontend")?.tlsCertificateName;
  assert.equal(named?.subject, "CN=spare");
  for (const [identity, message] of [
    ["spare", /ReceiveConnector Frontend, SendConnector Out names the certificate "spare"/],
    ["self-signed", /makes the certificate "self-signed" itself/],
    ["nobody", /no certificate "nobody"/],
  ] as const) {
    const refused = await run("Remove-ExchangeCertificate", { Identity: identity });
    assert.match(refused.failed?.message ?? "", message);
  }
  await run("Remove-ExchangeCertificate", { Identity: "mail" });
  await run("Remove-ExchangeCertificate", { Identity: "waiting" });
  assert.deepEqual(removed, ["mail", "waiting"]);
  for (const [wrong, message] of [
    [{ Identity: "mail" }, /say which connectors/],
    [{ Identity: "mail", SendConnector: "X" }, /no send connector "X"/],
    [{ Identity: "bare", SendConnector: "Out" }, /has no subject/],
  ] as const) {
    const refused = await run("Enable-ExchangeCertificate", wrong);
    assert.match(refused.failed?.message ?? "", message);
  }
});

test("Update-AcmeCertificate: tried where there is something to try", async () => {
  const { run, audited } = await openRoom();
  for (const [kind, message] of [
    ["Off", /no certificate is asked for/],
    ["TermsNotAgreed", /agree first/],
    ["Running", /being tried already/],
    ["Failed", undefined],
    ["Scheduled", undefined],
  ] as const) {
    acme.state = { ...ACME_OFF, kind, cure: "agree first" };
    const before = acme.tries;
    const { values, failed } = await run("Update-AcmeCertificate");
    assert.equal(failed?.code, message && "not-allowed-now", kind);
    if (message !== undefined) assert.match(failed?.message ?? "", message);
    assert.equal(values[0]?.["State"], message === undefined ? kind : undefined);
    assert.equal(acme.tries - before, message === undefined ? 1 : 0);
  }
  assert.equal(audited.length, 5);
});
