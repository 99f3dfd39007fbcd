import type { Result } from "../../base/result.ts";
import { MiB } from "../../base/units.ts";
import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../../cmdlet/parameter.ts";
import { domainPattern } from "../../org/settings/security-settings.ts";
import type { SettingType } from "../../org/settings/setting.ts";
import { line, listOf, Problem, scalarType } from "../../org/settings/setting-types.ts";
import type { CertificateImport } from "../../tls/certificate-import.ts";
import type { CertificateFault } from "../../tls/certificate-material.ts";
import { EXCHANGE_CERTIFICATE, showCertificate } from "./certificate-output.ts";
import { listCertificateUses } from "./certificate-uses.ts";
import { IDENTITY_MAX } from "./find-certificate.ts";
import type { CertificateServices } from "./services.ts";

type Run = Invocation<CertificateServices>;

const NAME_DOC =
  "Name of its files in the folder, without an ending: letters, digits, dots, hyphens. What has " +
  "that name already is replaced.";
const PASSPHRASE_MAX = 1024;
const PATH_MAX = 4096;
/** Of a file in base64. */
const CONTENT_CHARACTERS_MAX = 1.4 * MiB;
const DOMAINS_MAX = 100;

/** A file in base64; it may hold a key, and no log may show it. */
function content(): SettingType<Buffer> {
  return scalarType({
    label: "file in base64",
    suffix: "",
    isSecret: true,
    form: { kind: "text", charactersMax: CONTENT_CHARACTERS_MAX },
    parse(text) {
      if (text.length > CONTENT_CHARACTERS_MAX) return new Problem("is larger than a certificate");
      const isBase64 = /^[A-Za-z\d+/\s]+={0,2}\s*$/.test(text);
      return isBase64 ? Buffer.from(text, "base64") : new Problem("is not base64");
    },
  });
}

/** A certificate that somebody has given us. */
export const importExchangeCertificate = defineCmdlet({
  name: "Import-ExchangeCertificate",
  summary: "Puts a certificate into force: a PFX, or PEM with its chain and key.",
  notes: [
    "The command line reads the files where it runs. Over REST, FileData and KeyData are their " +
      "content in base64.",
    "A certificate that was made of a request of ours (New-ExchangeCertificate -GenerateRequest) " +
      "comes without a key: give it the name of the request.",
    "It is checked as a whole before anything changes. Which connectors show it is decided by " +
      "its names, unless Enable-ExchangeCertificate names it for some.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  inputBytesMax: 4 * MiB,
  inputFiles: [
    { path: "FileName", content: "FileData" },
    { path: "KeyFileName", content: "KeyData" },
  ],
  examples: [
    {
      command: "Import-ExchangeCertificate mail -FileName mail.pfx -Password -",
      doc: "Asks for the passphrase.",
    },
    {
      command: "Import-ExchangeCertificate mail -FileName fullchain.pem -KeyFileName privkey.pem",
      doc: "Certificate and key in two files.",
    },
  ],
  parameters: {
    Name: requiredParameter(line({ max: IDENTITY_MAX }), NAME_DOC, { position: 0 }),
    FileName: optionalParameter(line({ max: PATH_MAX }), "The file, where the command runs."),
    FileData: optionalParameter(content(), "What is in the file, in base64."),
    KeyFileName: optionalParameter(
      line({ max: PATH_MAX }),
      "File with the private key (PEM), when it is in one of its own.",
    ),
    KeyData: optionalParameter(content(), "What is in that file, in base64."),
    Password: optionalParameter(
      { ...line({ max: PASSPHRASE_MAX }), isSecret: true },
      "Passphrase of the PFX or of the key.",
    ),
  },
  output: EXCHANGE_CERTIFICATE,
  async *run(run: Run, { name, fileName, fileData, keyFileName, keyData, password }) {
    if (fileName !== undefined || keyFileName !== undefined || fileData === undefined) {
      const text =
        "give -FileData: files are read by the command line, and the server reads none of yours";
      throw new CmdletFault("bad-parameter", text, { parameter: "FileData" });
    }
    const key = keyData?.toString("latin1");
    const upload = { name, content: fileData, key, passphrase: password };
    yield reportMade(run, await run.services.certificates.import(upload), "FileData");
  },
});

const NEW_CERTIFICATE = {
  name: "NewExchangeCertificate",
  properties: {
    Identity: { kind: "text", doc: "The name of its files, without an ending." },
    Thumbprint: { kind: "text", doc: "SHA-256 of the certificate; nothing: there is none yet." },
    CertificateDomains: { kind: "list", doc: "The DNS names that it is for." },
    NotAfter: { kind: "date", doc: "Until when it is good." },
    Request: {
      kind: "text",
      doc: "With -GenerateRequest: what an authority makes a certificate of (PEM).",
    },
  },
  table: [],
} as const satisfies OutputType;

/** A certificate of our own making, or a request for one. */
export const newExchangeCertificate = defineCmdlet({
  name: "New-ExchangeCertificate",
  summary: "Makes a self-signed certificate, or a request that an authority makes one of.",
  notes: [
    "The key is an elliptic curve's (P-256), is made on the server and does not leave it.",
    "A self-signed certificate is good for five years; others cannot verify it.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command: "New-ExchangeCertificate lab -DomainName mail.contoso.test",
      doc: "For a test; in force at once.",
    },
    {
      command:
        "New-ExchangeCertificate mail -DomainName mail.contoso.test,smtp.contoso.test " +
        "-GenerateRequest",
      doc: "Send the request to the authority, and import its answer under the name mail.",
    },
  ],
  parameters: {
    Name: requiredParameter(line({ max: IDENTITY_MAX }), NAME_DOC, { position: 0 }),
    DomainName: requiredParameter(
      listOf(domainPattern(), { min: 1, max: DOMAINS_MAX }),
      "The DNS names that it is for, the first one its subject.",
      { position: 1 },
    ),
    GenerateRequest: switchParameter("Makes a key that waits, and a request for its certificate."),
  },
  output: NEW_CERTIFICATE,
  async *run(run: Run, { name, domainName, generateRequest }) {
    const { certificates: desk } = run.services;
    const [first = "", ...others] = domainName;
    const wish = { name, domainNames: [first, ...others] as const };
    if (!generateRequest) {
      const { Identity, Thumbprint, CertificateDomains, NotAfter } = reportMade(
        run,
        await desk.makeSelfSigned(wish),
        "Name",
      );
      yield { Identity, Thumbprint, CertificateDomains, NotAfter, Request: null };
      return;
    }
    const request = take(await desk.makeRequest(wish), "Name");
    const object = `CertificateRequest ${name}`;
    run.changed({ object, after: { CertificateDomains: domainName } });
    yield {
      Identity: name,
      Thumbprint: null,
      CertificateDomains: domainName,
      NotAfter: null,
      Request: request,
    };
  },
});

/** Tells of a certificate that is in force now. */
function reportMade(
  { services, clock, changed, warn }: Run,
  done: Result<CertificateImport, CertificateFault>,
  parameter: string,
) {
  const { material, warnings } = take(done, parameter);
  for (const warning of warnings) warn(`beware: ${warning}`);
  const nowMs = clock.nowMs();
  const { certificates: desk, organization: editor } = services;
  const uses = listCertificateUses(desk.list(), editor.organization, nowMs);
  const shown = showCertificate(material, { uses, nowMs });
  if (shown.Services?.length === 0) {
    warn("no connector shows it by its names; Enable-ExchangeCertificate lets one");
  }
  changed({ object: `ExchangeCertificate ${shown.Identity}`, after: shown });
  return shown;
}

/** @throws CmdletFault in place of the fault */
function take<Value>(done: Result<Value, CertificateFault>, parameter: string): Value {
  if (done.ok) return done.value;
  const { reason, cure } = done.fault;
  throw new CmdletFault("bad-parameter", `${reason}; ${cure}`, { parameter });
}
