import { fault, ok, type Result } from "../base/result.ts";
import {
  formatMacros,
  formatMilterCommand,
  MILTER_COMMANDS,
  type MilterCommand,
} from "./milter-command.ts";
import {
  formatNegotiation,
  MACRO_NAMES,
  type MacroStage,
  type MilterAgreement,
  parseNegotiation,
} from "./milter-negotiation.ts";
import { type MilterModification, type MilterVerdict, parseMilterReply } from "./milter-reply.ts";
import { formatMilterPacket, MILTER_PROTOCOL, type MilterPacket } from "./milter-wire.ts";

/** Values of macros by their names, in braces when longer than one letter; absent: not known. */
export type MilterMacros = Readonly<Record<string, string | undefined>>;

/** What to do about a command. */
export type MilterPlan =
  /** The milter does not want it. */
  | { readonly kind: "skip" }
  /** `isAnswered`: wait for what the milter says, before the next command. */
  | {
      readonly kind: "send";
      readonly packets: readonly Uint8Array[];
      readonly isAnswered: boolean;
    };

/** What a packet of the milter means. */
export type MilterEvent =
  | { readonly kind: "agreed"; readonly agreement: MilterAgreement }
  /** It is still at work. */
  | { readonly kind: "progress" }
  /** A change that is kept for the answer. */
  | { readonly kind: "noted" }
  | {
      readonly kind: "answer";
      readonly verdict: MilterVerdict;
      /** In the order in which the milter asked for them; only at the end of a message. */
      readonly modifications: readonly MilterModification[];
    };

/** Settings of a machine. */
export interface MilterMachineOptions {
  /** Macros to send besides the usual ones, where the milter has no list of its own. */
  readonly extraMacros?: readonly { readonly stage: MacroStage; readonly name: string }[];
  /** Octets of a new body, and of everything else that a milter wants changed. */
  readonly modificationBytesMax: number;
}

const MODIFICATIONS_MAX = 10_000;

/**
 * The mail server's side of the milter protocol, version 2 to 6, for one connection. It knows no
 * socket and no clock: commands become packets, packets become events.
 */
export class MilterMachine {
  readonly #options: MilterMachineOptions;
  #agreement: MilterAgreement | undefined;
  /** What was sent and is not answered yet. */
  #pending: MilterCommand["kind"] | undefined;
  /** The milter has said all that it wants to say about this. */
  #silent: "no" | "body" | "message" | "connection" = "no";
  #isInMessage = false;
  #modifications: MilterModification[] = [];
  #modificationBytes = 0;

  constructor(options: MilterMachineOptions) {
    this.#options = options;
  }

  /** The first packet. */
  start(): Uint8Array {
    return formatNegotiation();
  }

  /** Packets for a command with its macros, if the milter is to hear of it. */
  plan(command: MilterCommand, macros: MilterMacros): MilterPlan {
    const { kind } = command;
    const agreement = this.#agreement;
    if (kind === "mail" && this.#silent !== "connection") this.#silent = "no";
    // A message is one for the milter from MAIL on, also when it wants nothing of that itself.
    if (kind === "mail" && this.#silent === "no") this.#isInMessage = true;
    if (agreement === undefined || !this.wants(kind)) return { kind: "skip" };
    const row = MILTER_COMMANDS[kind];
    const packets = [formatMilterCommand(command, agreement.protocol)];
    const told = row.macros === undefined ? [] : this.#select(row.macros, macros);
    if (told.length > 0) packets.unshift(formatMacros(row.code, told));
    const isAnswered = (agreement.protocol & row.unanswered) === 0;
    if (isAnswered) this.#pending = kind;
    return { kind: "send", packets, isAnswered };
  }

  /** Takes a packet; after a fault the connection is of no use any more. */
  receive(packet: MilterPacket): Result<MilterEvent, string> {
    if (this.#agreement === undefined) {
      const agreed = parseNegotiation(packet);
      if (!agreed.ok) return agreed;
      this.#agreement = agreed.value;
      return ok({ kind: "agreed", agreement: agreed.value });
    }
    const pending = this.#pending;
    if (pending === undefined) return fault("speaks without being asked");
    const reply = parseMilterReply(packet);
    if (!reply.ok) return reply;
    if (reply.value.kind === "progress") return ok({ kind: "progress" });
    if (reply.value.kind === "verdict") return this.#settle(pending, reply.value.verdict);
    const { modification, action } = reply.value;
    if (pending !== "eob") return fault("wants changes before the end of the message");
    if ((this.#agreement.actions & action) === 0) return fault("wants changes not agreed on");
    this.#modificationBytes += packet.data.length;
    this.#modifications.push(modification);
    const isTooMuch =
      this.#modifications.length > MODIFICATIONS_MAX ||
      this.#modificationBytes > this.#options.modificationBytesMax;
    return isTooMuch ? fault("wants more changes than are allowed") : ok({ kind: "noted" });
  }

  /** Packets that end the message, if there is one that the milter has not settled. */
  abort(): readonly Uint8Array[] {
    const isOpen = this.#isInMessage && (this.#silent === "no" || this.#silent === "body");
    this.#endMessage();
    return isOpen ? [formatMilterPacket("A")] : [];
  }

  /** The last packet. */
  quit(): Uint8Array {
    return formatMilterPacket("Q");
  }

  /** A packet that ends the session and keeps the connection and the agreement for another one. */
  quitNewConnection(): Uint8Array {
    this.#endMessage();
    this.#silent = "no";
    return formatMilterPacket("K");
  }

  /** Whether `quitNewConnection` is understood (version 6 has it). */
  get canStartAnew(): boolean {
    return (this.#agreement?.version ?? 0) >= 6;
  }

  /** Whether the milter would be sent such a command now. */
  wants(kind: MilterCommand["kind"]): boolean {
    if (this.#agreement === undefined || this.#isSilent(kind)) return false;
    return !this.#hasAgreedOn(MILTER_COMMANDS[kind].unwanted);
  }

  /** Whether the milter wants to hear of recipients that we refuse. */
  get wantsRejectedRecipients(): boolean {
    return this.#hasAgreedOn(MILTER_PROTOCOL.rejectedRcpt);
  }

  /** Whether values of header fields come with the space behind the colon. */
  get keepsLeadingSpace(): boolean {
    return this.#hasAgreedOn(MILTER_PROTOCOL.leadingSpace);
  }

  #hasAgreedOn(flag: number): boolean {
    return ((this.#agreement?.protocol ?? 0) & flag) !== 0;
  }

  #isSilent(kind: MilterCommand["kind"]): boolean {
    if (this.#silent === "body") return kind === "body";
    if (this.#silent === "message") return kind !== "unknown" && kind !== "helo";
    return this.#silent === "connection";
  }

  #settle(pending: MilterCommand["kind"], verdict: MilterVerdict): Result<MilterEvent, string> {
    this.#pending = undefined;
    if (verdict.kind === "skip") {
      if (pending !== "body") return fault("skips what is no body");
      this.#silent = "body";
    } else if (verdict.kind !== "continue") this.#silence(pending, verdict);
    const modifications = this.#modifications;
    if (pending === "eob") this.#endMessage();
    return ok({ kind: "answer", verdict, modifications });
  }

  /** Whom a verdict concerns hangs on when it is given (libmilter, "xxfi callbacks"). */
  #silence(pending: MilterCommand["kind"], { kind }: MilterVerdict): void {
    if (pending === "connect" || pending === "helo" || kind === "close") {
      this.#silent = "connection";
      return;
    }
    // A recipient that is refused leaves the message as it is; an unknown command has none.
    const isOneRecipient = pending === "rcpt" && kind !== "accept" && kind !== "discard";
    if (!isOneRecipient && pending !== "unknown") this.#silent = "message";
  }

  #endMessage(): void {
    this.#isInMessage = false;
    this.#modifications = [];
    this.#modificationBytes = 0;
    if (this.#silent === "body") this.#silent = "no";
  }

  #select(stage: MacroStage, macros: MilterMacros): readonly (readonly [string, string])[] {
    const extra = (this.#options.extraMacros ?? []).filter((macro) => macro.stage === stage);
    const usual = [...MACRO_NAMES[stage], ...extra.map(({ name }) => name)];
    const names = this.#agreement?.macroNames.get(stage) ?? usual;
    return names.flatMap((name) => {
      const value = macros[name];
      return value === undefined || value === "" ? [] : [[name, value] as const];
    });
  }
}
