import { MiB } from "../../base/units.ts";
import { type Cmdlet, defineCmdlet } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
} from "../../cmdlet/parameter.ts";
import { type SenderInquiry, senderSteps } from "../../diagnosis/sender-check.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import { senderIdStatus } from "../../mailauth/results-header.ts";
import { ipAddress } from "../../org/settings/network-types.ts";
import type { SettingType } from "../../org/settings/setting.ts";
import {
  address,
  domain,
  line,
  listOf,
  Problem,
  scalarType,
} from "../../org/settings/setting-types.ts";
import { DIAGNOSIS_STEP, stepOutput, timeoutParameter } from "./diagnosis-step.ts";
import { nullableAddress } from "./sender-type.ts";
import type { DiagnosisServices } from "./services.ts";

const ROLES = ["Server Management", "Hygiene Management", "Help Desk"] as const;
const MESSAGE_BYTES_MAX = 20 * MiB;
const CONTENT_CHARACTERS_MAX = 28 * MiB;
const TIMEOUT = timeoutParameter("00:01:00");

/** A saved message in base64: it is bytes. */
function messageFile(): SettingType<Buffer> {
  return scalarType({
    label: "file in base64",
    suffix: "",
    isSecret: true,
    form: { kind: "text", charactersMax: CONTENT_CHARACTERS_MAX },
    parse(text) {
      if (!/^[A-Za-z\d+/\s]+={0,2}\s*$/.test(text)) return new Problem("is not base64");
      const bytes = Buffer.from(text, "base64");
      return bytes.length > MESSAGE_BYTES_MAX ? new Problem("is larger than 20 MB") : bytes;
    },
  });
}

async function ask(
  { services, signal }: { readonly services: DiagnosisServices; readonly signal: AbortSignal },
  inquiry: SenderInquiry,
  timeoutMs: number,
) {
  const asked = services.diagnosis.ask({ kind: "sender", inquiry }, { timeoutMs, signal });
  for await (const check of asked) return check;
  throw new CmdletFault("unavailable", "the transport thread has not answered; try again");
}

const SENDER_ID_RESULT = {
  name: "SenderIdResult",
  properties: {
    Status: {
      kind: "text",
      doc: "What SPF says: Pass, Neutral, SoftFail, Fail, None, TempError or PermError.",
    },
    Domain: { kind: "text", doc: "The domain that was asked about." },
    IPAddress: { kind: "text", doc: "The client." },
    Action: { kind: "text", doc: "What would become of its mail; nothing: it is let in." },
  },
  table: ["Status", "Domain", "IPAddress", "Action"],
} as const satisfies OutputType;

/** Test-SenderId (reference §9.5): whether an address may send for a domain. */
export const testSenderId: Cmdlet<DiagnosisServices> = defineCmdlet({
  name: "Test-SenderId",
  summary: "Asks SPF whether a client may send mail of a domain.",
  notes: [
    "Sender ID's own records are history: what is asked is SPF (RFC 7208), for postmaster@ the " +
      "domain in MAIL FROM.",
  ],
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  examples: [
    {
      command: "Test-SenderId -IPAddress 192.0.2.10 -PurportedResponsibleDomain contoso.com",
      doc: "May this address send for us?",
    },
  ],
  parameters: {
    IPAddress: requiredParameter(ipAddress(), "The client's address."),
    PurportedResponsibleDomain: requiredParameter(domain(), "The domain in MAIL FROM."),
    HelloDomain: optionalParameter(domain(), "What the client says in EHLO; default: the domain."),
    Timeout: TIMEOUT,
  },
  output: SENDER_ID_RESULT,
  async *run(
    run: { readonly services: DiagnosisServices; readonly signal: AbortSignal },
    { iPAddress: clientAddress, purportedResponsibleDomain, helloDomain, timeoutMs },
  ) {
    const sender = parseAddress(`postmaster@${purportedResponsibleDomain}`, { smtpUtf8: true });
    if (sender === undefined) {
      const parameter = "PurportedResponsibleDomain";
      throw new CmdletFault("bad-parameter", "the domain's name is too long", { parameter });
    }
    const helo = helloDomain ?? purportedResponsibleDomain;
    const inquiry = { clientAddress, helo, sender, ...NO_MESSAGE };
    const { found, decision } = await ask(run, inquiry, timeoutMs);
    yield {
      Status: senderIdStatus(found.spf.result),
      Domain: purportedResponsibleDomain,
      IPAddress: clientAddress,
      Action: decision === "accept" ? null : decision,
    };
  },
});

const NO_MESSAGE = { recipients: [], content: undefined, connector: undefined } as const;

/** Test-SenderAuthentication: what would be found out about a saved message. */
export const testSenderAuthentication: Cmdlet<DiagnosisServices> = defineCmdlet({
  name: "Test-SenderAuthentication",
  summary: "Checks a saved message as if a stranger brought it: SPF, DKIM, ARC, DMARC, its author.",
  notes: [
    "The command line reads the file where it runs. Over REST, FileData is its content in base64.",
    "DNS is asked now: signatures whose records are gone since then fail.",
  ],
  roles: ROLES,
  effect: "reads",
  confirmation: "none",
  inputBytesMax: CONTENT_CHARACTERS_MAX + MiB,
  inputFiles: [{ path: "FileName", content: "FileData" }],
  examples: [
    {
      command:
        "Test-SenderAuthentication -FileName message.eml -IPAddress 192.0.2.10 " +
        "-Sender ann@fabrikam.com",
      doc: "Why has it passed, or failed?",
    },
  ],
  parameters: {
    FileName: optionalParameter(line({ max: 4096 }), "The message, where the command runs.", {
      position: 0,
    }),
    FileData: optionalParameter(messageFile(), "The message in base64."),
    IPAddress: requiredParameter(ipAddress(), "The client that brings it."),
    HelloDomain: defaultedParameter(domain(), "localhost", "What the client says in EHLO."),
    Sender: requiredParameter(nullableAddress(), "MAIL FROM; <> is the null sender."),
    Recipients: defaultedParameter(listOf(address(), { max: 100 }), [], "RCPT TO."),
    ReceiveConnector: optionalParameter(
      line({ max: 64 }),
      "Whose settings decide; default: the first that checks senders.",
      { completion: "ReceiveConnector" },
    ),
    Timeout: TIMEOUT,
  },
  output: DIAGNOSIS_STEP,
  async *run(
    run: { readonly services: DiagnosisServices; readonly signal: AbortSignal },
    { fileName, fileData, iPAddress: clientAddress, helloDomain, ...given },
  ) {
    if (fileName !== undefined || fileData === undefined) {
      const text =
        "give -FileData: files are read by the command line, and the server reads none of yours";
      throw new CmdletFault("bad-parameter", text, { parameter: "FileData" });
    }
    const { receiveConnectors } = run.services.diagnosis.organization();
    const wanted = given.receiveConnector?.toLowerCase();
    const connector = receiveConnectors.find(({ name }) => name.toLowerCase() === wanted)?.name;
    if (wanted !== undefined && connector === undefined) {
      const text = `there is no receive connector ${given.receiveConnector}`;
      throw new CmdletFault("not-found", text, { parameter: "ReceiveConnector" });
    }
    const { sender, recipients, timeoutMs }: { sender: Address | "" } & typeof given = given;
    const inquiry = {
      ...{ clientAddress, helo: helloDomain, sender, recipients, connector },
      // A copy of its own: what is shared with other texts cannot be sent to another thread.
      content: Uint8Array.from(fileData),
    };
    for (const one of senderSteps(await ask(run, inquiry, timeoutMs))) yield stepOutput(one);
  },
});
