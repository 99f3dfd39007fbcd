import { isIP } from "node:net";
import { type Address, domainOf } from "../../mail/address.ts";
import type { Envelope } from "../../mail/envelope.ts";
import type { MilterSettings } from "../../org/scanner-settings.ts";
import type { MilterClient, MilterCommand } from "../../scan/milter-command.ts";
import type { MilterMacros } from "../../scan/milter-machine.ts";
import { MACRO_STAGES, type MacroStage } from "../../scan/milter-negotiation.ts";
import type { AgentSession } from "../agents/receive-agent.ts";

/** What macros are about. */
export interface MilterSubject {
  readonly session: AgentSession;
  /** Of the message at hand; made up, for nothing is stored yet. */
  readonly queueId?: string;
  readonly envelope?: Pick<Envelope, "sender">;
  readonly recipient?: Address;
}

/** How the client is told to a milter. */
export function connectCommand({ connection, remoteAddress }: AgentSession): MilterCommand {
  const family = isIP(remoteAddress);
  const client: MilterClient =
    family === 0
      ? { family: "unknown" }
      : { family: family === 6 ? "6" : "4", address: remoteAddress, port: connection.remotePort };
  // As Sendmail names clients of whose name nothing is known.
  return { kind: "connect", host: `[${remoteAddress}]`, client };
}

/** How a sender is told to a milter. */
export function mailCommand({ sender, body, smtpUtf8, ret }: Envelope): MilterCommand {
  const parameters = [
    ...(body === "7BIT" ? [] : [`BODY=${body}`]),
    ...(smtpUtf8 ? ["SMTPUTF8"] : []),
    ...(ret === undefined ? [] : [`RET=${ret}`]),
  ];
  return { kind: "mail", address: `<${sender}>`, parameters };
}

const BITS = /(?:AES_?|AES-?)?(256|128)/;

/** The values of all macros that are known by now, and of those that an administrator has set. */
export function milterMacros(
  subject: MilterSubject,
  { macroDefaults }: Pick<MilterSettings, "macroDefaults">,
): MilterMacros {
  const { session, queueId, envelope, recipient } = subject;
  const { connection, connector, remoteAddress, client, logon } = session;
  // Behind the account stands the name of an app password.
  const account = logon.replace(/ \([^()]*\)$/, "");
  const { tls } = client;
  const known: MilterMacros = {
    j: connector.fqdn,
    v: "Postrider",
    _: `[${remoteAddress}]`,
    "{daemon_name}": connector.name,
    "{daemon_addr}": connection.localAddress,
    "{daemon_port}": String(connection.localPort),
    "{client_addr}": remoteAddress,
    "{client_port}": String(connection.remotePort),
    "{client_name}": "unknown",
    "{client_ptr}": "unknown",
    "{tls_version}": tls?.version,
    "{cipher}": tls?.cipher,
    "{cipher_bits}": tls && BITS.exec(tls.cipher)?.[1],
    "{cert_subject}": tls?.peerCertificate?.subject,
    "{cert_issuer}": tls?.peerCertificate?.issuer,
    // Which mechanism it was is not kept; milters look at whether there was one.
    "{auth_type}": account && "SASL",
    "{auth_authen}": account,
    i: queueId,
    "{mail_addr}": envelope?.sender,
    "{mail_host}": hostOf(envelope?.sender),
    "{mail_mailer}": envelope && "smtp",
    "{rcpt_addr}": recipient,
    "{rcpt_host}": hostOf(recipient),
    "{rcpt_mailer}": recipient && "smtp",
  };
  const values: Record<string, string | undefined> = { ...known };
  for (const text of macroDefaults) {
    const name = text.slice(0, text.indexOf("="));
    values[name] ??= text.slice(name.length + 1);
  }
  return values;
}

function hostOf(address: Address | "" | undefined): string | undefined {
  return address === undefined || address === "" ? undefined : domainOf(address);
}

/** The macros that an administrator has asked for besides the usual ones. */
export function extraMacros({ macros }: Pick<MilterSettings, "macros">): readonly {
  readonly stage: MacroStage;
  readonly name: string;
}[] {
  return macros.flatMap((text) => {
    const [word = "", name = ""] = text.split(":");
    const stage = MACRO_STAGES.find((one) => one === word.toLowerCase());
    return stage === undefined ? [] : [{ stage, name }];
  });
}
