import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import { settingValues } from "../../cmdlet/setting-output.ts";
import type { ObjectEdit, StoredObject } from "../../org/organization-editor.ts";
import { CONFIGURATION_KINDS } from "../../org/settings/object-kinds.ts";
import { listOf, name as nameType } from "../../org/settings/setting-types.ts";
import {
  EXCHANGE_CERTIFICATE,
  formatName,
  identityOf,
  showCertificate,
} from "./certificate-output.ts";
import { listCertificateUses } from "./certificate-uses.ts";
import { CERTIFICATE_IDENTITY, findCertificate } from "./find-certificate.ts";
import type { CertificateServices, KnownCertificate } from "./services.ts";

type Run = Invocation<CertificateServices>;

const CONNECTORS_MAX = 100;
/** Made anew, or looked after, by the server itself. */
const OWN = /^(?:self-signed|acme)$/;

const NOUNS = { receiveConnector: "ReceiveConnector", sendConnector: "SendConnector" } as const;

/** Has connectors show one certificate and no other. */
export const enableExchangeCertificate = defineCmdlet({
  name: "Enable-ExchangeCertificate",
  summary: "Has connectors show this certificate and no other.",
  notes: [
    "It is named by issuer and subject, as TlsCertificateName: another one with the same issuer " +
      "and subject, as after a renewal, takes its place. Set-ReceiveConnector NAME " +
      "-TlsCertificateName $null lets the names decide again.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [
    {
      command: 'Enable-ExchangeCertificate mail -ReceiveConnector "Default Frontend"',
      doc: "New sessions of the connector show it.",
    },
  ],
  parameters: {
    Identity: CERTIFICATE_IDENTITY,
    ReceiveConnector: optionalParameter(
      listOf(nameType(), { max: CONNECTORS_MAX }),
      "Receive connectors that are to show it.",
      { completion: "ReceiveConnector" },
    ),
    SendConnector: optionalParameter(
      listOf(nameType(), { max: CONNECTORS_MAX }),
      "Send connectors that are to show it to next hops which ask for one.",
      { completion: "SendConnector" },
    ),
    Force: FORCE,
  },
  output: EXCHANGE_CERTIFICATE,
  plan: async (run: Run, input) => planOf(await enable(run, input, "show")),
  async *run(run: Run, input) {
    await enable(run, input, "store");
    yield show(run, findCertificate(run, input.identity));
  },
});

/** Takes one away. */
export const removeExchangeCertificate = defineCmdlet({
  name: "Remove-ExchangeCertificate",
  summary: "Removes a certificate and its key, or a request that waits.",
  notes: ["One that a connector names is not removed: that connector would offer no TLS."],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "asks",
  examples: [{ command: "Remove-ExchangeCertificate old", doc: "It asks first." }],
  parameters: { Identity: CERTIFICATE_IDENTITY },
  output: EXCHANGE_CERTIFICATE,
  async plan(run: Run, { identity }) {
    const { label } = await findRemovable(run, identity);
    return { actions: [`Remove ${label}`], count: 1 };
  },
  async *run(run: Run, { identity }) {
    const { label, name, certificate } = await findRemovable(run, identity);
    const before = certificate && show(run, certificate);
    await run.services.certificates.remove(name);
    run.changed({ object: label, ...(before && { before }) });
    yield* [];
  },
});

async function enable(
  run: Run,
  input: {
    readonly identity: string;
    readonly receiveConnector: readonly string[] | undefined;
    readonly sendConnector: readonly string[] | undefined;
    readonly force: boolean;
  },
  mode: "store" | "show",
): Promise<readonly ShownEdit[]> {
  const tlsCertificateName = pinOf(findCertificate(run, input.identity));
  const edit = (kind: keyof typeof NOUNS, name: string): ObjectEdit => ({
    kind,
    name,
    change(stored) {
      if (stored !== undefined) return { ...stored.properties, tlsCertificateName };
      const text = `there is no ${CONFIGURATION_KINDS[kind].title} "${name}"`;
      throw new CmdletFault("not-found", text, { parameter: NOUNS[kind] });
    },
  });
  const edits = [
    ...(input.receiveConnector ?? []).map((name) => edit("receiveConnector", name)),
    ...(input.sendConnector ?? []).map((name) => edit("sendConnector", name)),
  ];
  if (edits.length === 0) {
    const text = "say which connectors show it: -ReceiveConnector or -SendConnector";
    throw new CmdletFault("bad-parameter", text, { parameter: "ReceiveConnector" });
  }
  return runEdits(run, edits, {
    mode,
    isForced: input.force,
    show({ kind, before, after }): ShownEdit {
      const connector = kind === "sendConnector" ? kind : "receiveConnector";
      const { table } = CONFIGURATION_KINDS[connector];
      const view = (stored: StoredObject | undefined) =>
        stored && {
          stored: stored.properties,
          shown: settingValues(table, stored.properties, {}),
        };
      const object = `${NOUNS[connector]} ${(before ?? after)?.name}`;
      return { object, table, before: view(before), after: view(after) };
    },
  });
}

/** `<I>issuer<S>subject` @throws CmdletFault for one that cannot be named so */
function pinOf(certificate: KnownCertificate): string {
  const [issuer, subject] = [formatName(certificate.issuer), formatName(certificate.subject)];
  if (subject !== "" && !/[<>]/.test(issuer + subject)) {
    return `${issuer === "" ? "" : `<I>${issuer}`}<S>${subject}`;
  }
  const text =
    `certificate "${identityOf(certificate)}" has no subject that a connector could name; its ` +
    "DNS names choose it, where they fit the connector's Fqdn";
  throw new CmdletFault("bad-parameter", text, { parameter: "Identity" });
}

async function findRemovable(run: Run, identity: string) {
  const { certificates: desk, organization: editor } = run.services;
  const requests = await desk.listRequests();
  const request = requests.find((one) => one.toLowerCase() === identity.toLowerCase());
  if (request !== undefined) {
    return { name: request, label: `CertificateRequest ${request}`, certificate: undefined };
  }
  const certificate = findCertificate(run, identity);
  const name = identityOf(certificate);
  if (OWN.test(name)) {
    const text = `the server makes the certificate "${name}" itself, and would make it again`;
    throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
  }
  const others = desk.list().filter((one) => one.file !== certificate.file);
  const nowMs = run.clock.nowMs();
  const without = listCertificateUses(others, editor.organization, nowMs);
  const users = listCertificateUses(desk.list(), editor.organization, nowMs)
    .filter((use) => use.isPinned && use.certificates.length > 0)
    .map(({ user }) => user)
    .filter((user) => without.some((use) => use.user === user && use.certificates.length === 0));
  if (users.length > 0) {
    const text =
      `${users.join(", ")} names the certificate "${name}" and would offer no TLS without it; ` +
      "name another one first, or none (-TlsCertificateName $null)";
    throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
  }
  return { name, label: `ExchangeCertificate ${name}`, certificate };
}

function show({ services, clock }: Run, certificate: KnownCertificate) {
  const nowMs = clock.nowMs();
  const { certificates: desk, organization: editor } = services;
  const uses = listCertificateUses(desk.list(), editor.organization, nowMs);
  return showCertificate(certificate, { uses, nowMs });
}
