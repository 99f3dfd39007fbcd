import { fault, ok, type Result } from "../base/result.ts";
import {
  formatMilterPacket,
  MILTER_ACTION,
  MILTER_PROTOCOL,
  type MilterPacket,
  uint32,
} from "./milter-wire.ts";
import { quoted } from "./scan-fault.ts";

/** Points of a session at which a milter is told macros (SMFIM_*, by their numbers). */
export const MACRO_STAGES = ["connect", "helo", "mail", "rcpt", "data", "eob", "eoh"] as const;

/** One of them. */
export type MacroStage = (typeof MACRO_STAGES)[number];

/** Names of the macros that a milter is told at each stage. */
export type MacroNames = Readonly<Record<MacroStage, readonly string[]>>;

/** What was agreed on. */
export interface MilterAgreement {
  readonly version: number;
  /** Of MILTER_ACTION: what the milter may do. */
  readonly actions: number;
  /** Of MILTER_PROTOCOL: what the milter asked for. */
  readonly protocol: number;
  /** Macros that the milter wants in place of ours; other stages are not in it. */
  readonly macroNames: ReadonlyMap<MacroStage, readonly string[]>;
}

const VERSION = 6;
/** Older ones lack a mask of steps (version 2 brought it, in 1999). */
const VERSION_MIN = 2;
const ALL_ACTIONS = maskOf(MILTER_ACTION);
const ALL_STEPS = maskOf(MILTER_PROTOCOL);
const MACRO_LISTS_MAX = 20;
const MACRO_NAMES_MAX = 100;

/** Macros as Postfix sends them, and those about the client that Sendmail has besides. */
export const MACRO_NAMES: MacroNames = {
  connect: [
    ...["j", "{daemon_name}", "{daemon_addr}", "v", "_"],
    ...["{client_addr}", "{client_name}", "{client_ptr}", "{client_port}", "{client_connections}"],
  ],
  helo: ["{tls_version}", "{cipher}", "{cipher_bits}", "{cert_subject}", "{cert_issuer}"],
  mail: [
    ...["i", "{auth_type}", "{auth_authen}", "{auth_author}"],
    ...["{mail_addr}", "{mail_host}", "{mail_mailer}"],
  ],
  rcpt: ["i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"],
  data: ["i"],
  eob: ["i"],
  eoh: ["i"],
};

/** Our offer: version 6, every action, every step. */
export function formatNegotiation(): Uint8Array {
  return formatMilterPacket("O", uint32(VERSION), uint32(ALL_ACTIONS), uint32(ALL_STEPS));
}

/** Reads the milter's answer: it may take of our offer what it likes, and nothing else. */
export function parseNegotiation({ code, data }: MilterPacket): Result<MilterAgreement, string> {
  if (code !== "O") return fault(`answers the negotiation with ${quoted(code)}`);
  if (data.length < 12) return fault("an answer to the negotiation that is too short");
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const version = bytes.readUInt32BE(0);
  const actions = bytes.readUInt32BE(4);
  const protocol = bytes.readUInt32BE(8);
  if (version < VERSION_MIN || version > VERSION) return fault(`wants version ${version}`);
  if ((actions & ~ALL_ACTIONS) !== 0) return fault("wants actions that were not offered");
  if ((protocol & ~ALL_STEPS) !== 0) return fault("wants protocol options that were not offered");
  const macroNames = parseMacroLists(bytes.subarray(12));
  return macroNames.ok
    ? ok({ version, actions, protocol, macroNames: macroNames.value })
    : macroNames;
}

/** Each list is the number of a stage and names parted by spaces, with a NUL at the end. */
function parseMacroLists(bytes: Buffer): Result<MilterAgreement["macroNames"], string> {
  const lists = new Map<MacroStage, readonly string[]>();
  let rest = bytes;
  for (let count = 0; rest.length > 0; count += 1) {
    const end = rest.indexOf(0, 4);
    if (rest.length < 5 || end < 0 || count >= MACRO_LISTS_MAX) {
      return fault("lists of macros that cannot be read");
    }
    const stage = MACRO_STAGES[rest.readUInt32BE(0)];
    const names = rest.toString("latin1", 4, end).match(/[^\s,]{1,100}/g) ?? [];
    if (stage !== undefined) lists.set(stage, names.slice(0, MACRO_NAMES_MAX));
    rest = rest.subarray(end + 1);
  }
  return ok(lists);
}

function maskOf(flags: Readonly<Record<string, number>>): number {
  return Object.values(flags).reduce((mask, flag) => mask | flag, 0);
}
