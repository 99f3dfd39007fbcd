import { unreachable } from "../base/assert.ts";
import type { MacroStage } from "./milter-negotiation.ts";
import { formatMilterPacket, MILTER_PROTOCOL, nulEnded } from "./milter-wire.ts";

/** The client as a milter is told it. */
export type MilterClient =
  | { readonly family: "4" | "6"; readonly address: string; readonly port: number }
  | { readonly family: "unix"; readonly path: string }
  | { readonly family: "unknown" };

/** What a milter is told of a session. */
export type MilterCommand =
  /** `host`: the client's name in DNS, or its address in brackets. */
  | { readonly kind: "connect"; readonly host: string; readonly client: MilterClient }
  | { readonly kind: "helo"; readonly name: string }
  /** `address` with its angle brackets; `parameters` as `SIZE=1000`. */
  | {
      readonly kind: "mail" | "rcpt";
      readonly address: string;
      readonly parameters: readonly string[];
    }
  | { readonly kind: "data" | "eoh" | "eob" }
  /** A command that SMTP does not know, as the client wrote it. */
  | { readonly kind: "unknown"; readonly line: string }
  /** `value`: everything behind the colon, lines parted by CRLF or LF, the last line end off. */
  | { readonly kind: "header"; readonly name: string; readonly value: Uint8Array }
  /** At most MILTER_BODY_BYTES_MAX octets. */
  | { readonly kind: "body"; readonly bytes: Uint8Array };

/** How a command is sent, and which steps and answers a milter may do without. */
export interface MilterCommandRow {
  readonly code: string;
  /** The milter does not want it; 0: it always comes. */
  readonly unwanted: number;
  /** The milter does not answer it; 0: it always does. */
  readonly unanswered: number;
  readonly macros: MacroStage | undefined;
}

const P = MILTER_PROTOCOL;

/** Every command. */
export const MILTER_COMMANDS: Readonly<Record<MilterCommand["kind"], MilterCommandRow>> = {
  connect: row("C", P.noConnect, P.noReplyConnect, "connect"),
  helo: row("H", P.noHelo, P.noReplyHelo, "helo"),
  mail: row("M", P.noMail, P.noReplyMail, "mail"),
  rcpt: row("R", P.noRcpt, P.noReplyRcpt, "rcpt"),
  data: row("T", P.noData, P.noReplyData, "data"),
  unknown: row("U", P.noUnknown, P.noReplyUnknown, undefined),
  header: row("L", P.noHeaders, P.noReplyHeader, undefined),
  eoh: row("N", P.noEndOfHeaders, P.noReplyEndOfHeaders, "eoh"),
  body: row("B", P.noBody, P.noReplyBody, undefined),
  eob: row("E", 0, 0, "eob"),
};

function row(
  code: string,
  unwanted: number,
  unanswered: number,
  macros: MacroStage | undefined,
): MilterCommandRow {
  return { code, unwanted, unanswered, macros };
}

/** The packet of a command; `protocol` is what was agreed on. */
export function formatMilterCommand(command: MilterCommand, protocol: number): Uint8Array {
  const { code } = MILTER_COMMANDS[command.kind];
  switch (command.kind) {
    case "connect":
      return formatMilterPacket(code, nulEnded(command.host), formatClient(command.client));
    case "helo":
      return formatMilterPacket(code, nulEnded(command.name));
    case "mail":
    case "rcpt":
      return formatMilterPacket(code, ...[command.address, ...command.parameters].map(nulEnded));
    case "unknown":
      return formatMilterPacket(code, nulEnded(command.line));
    case "header":
      return formatMilterPacket(code, nulEnded(command.name), formatValue(command.value, protocol));
    case "body":
      return formatMilterPacket(code, command.bytes);
    case "data":
    case "eoh":
    case "eob":
      return formatMilterPacket(code);
    default:
      return unreachable(command);
  }
}

/** Macros for the command that comes next; their names with braces when longer than one letter. */
export function formatMacros(
  code: string,
  macros: readonly (readonly [name: string, value: string])[],
): Uint8Array {
  const pieces = macros.flatMap(([name, value]) => [nulEnded(name), nulEnded(value)]);
  return formatMilterPacket("D", code, ...pieces);
}

function formatClient(client: MilterClient): Uint8Array {
  if (client.family === "unknown") return Buffer.from("U");
  const [family, port, address] =
    client.family === "unix"
      ? ["L", 0, client.path]
      : // Addresses of IPv6 bear a prefix, as in SMTP (RFC 5321 §4.1.3).
        [client.family, client.port, `${client.family === "6" ? "IPv6:" : ""}${client.address}`];
  const head = Buffer.from(`${family}\0\0`);
  head.writeUInt16BE(Number(port), 1);
  return Buffer.concat([head, nulEnded(String(address))]);
}

/** Lines are parted by LF alone; one space in front goes unless the milter wants to see it. */
function formatValue(value: Uint8Array, protocol: number): Uint8Array {
  const text = Buffer.from(value).toString("latin1").replaceAll("\r\n", "\n").replaceAll("\0", "");
  const keepsSpace = (protocol & P.leadingSpace) !== 0;
  return Buffer.from(`${keepsSpace ? text : text.replace(/^ /, "")}\0`, "latin1");
}
