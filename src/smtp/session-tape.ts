import type { Clock } from "../base/clock.ts";
import { KiB } from "../base/units.ts";
import { MASKED_RESPONSE, maskCommand } from "./command-mask.ts";
import type { Line } from "./line-reader.ts";

/**
 * What a line is: `+` connected, `-` disconnected, `>` said by us, `<` said by the other side, `*`
 * a fact (reference §7.4).
 */
export type TapeEvent = "+" | "-" | ">" | "<" | "*";

/** One thing said or done in a session. */
export interface TapeLine {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly event: TapeEvent;
  /** Without secrets and content; a reply's lines are divided by CRLF where it is kept whole. */
  readonly data: string;
  readonly context: string;
}

/** Whose session it is. */
export interface TapeFacts {
  readonly direction: "Receive" | "Send";
  readonly connector: string;
  /** `192.0.2.1:25`, `[2001:db8::1]:25`, or the path of a socket. */
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
}

/** What is left of a session that ended in an error. */
export interface SessionRecording extends TapeFacts {
  /** 16 hex digits, as in the protocol and the connectivity log. */
  readonly id: string;
  readonly openedMs: number;
  readonly closedMs: number;
  /** The first reply that refused something, or how the session broke. */
  readonly reason: string;
  readonly lines: readonly TapeLine[];
  /** Lines between the first and the last ones that were not kept. */
  readonly omittedCount: number;
  /** In front of how many of `lines` they stood. */
  readonly omittedAt: number;
}

/** Where what is said in the sessions of a thread goes to. */
export interface TapeDesk {
  readonly clock: Pick<Clock, "nowMs">;
  readonly nextId: () => string;
  /** Whether sessions that end in an error are kept. */
  readonly isKeeping: () => boolean;
  readonly keep: (recording: SessionRecording) => void;
  /** Writes a line of the protocol log; `sequence` counts them from 0 within the session. */
  readonly write: (
    session: TapeFacts & { readonly id: string },
    line: TapeLine,
    sequence: number,
  ) => void;
}

/** How a session is listened to. */
export interface TapeManner {
  /** Its lines are written out as they come: its connector has a protocol log. */
  readonly verbose: boolean;
  /** That of the connectivity log, where there is one. */
  readonly id?: string | undefined;
  /** Takes out of a server's reply what the session has logged on with. */
  readonly redact?: ((text: string) => string) | undefined;
}

/** How a line is shown once somebody wants to see it: most are forgotten unseen. */
type Showing = "as-it-is" | "command" | "suspect-command";

/** A line as it is remembered. A command may hold a secret: it is masked before anybody has it. */
interface HeldLine {
  /** Milliseconds since the session was opened. */
  readonly sinceMs: number;
  readonly event: TapeEvent;
  readonly showing: Showing;
  readonly text: string;
  readonly context: string;
}

/** How a session has ended. */
export interface TapeEnd {
  /** Why, if it was no goodbye. */
  readonly data: string;
  /** `Local`, `Remote`, `Remote(ECONNRESET)` (reference §7.4). */
  readonly context: string;
  readonly isFault: boolean;
}

/** Lines of a session's beginning that are kept, and of its end. */
const HEAD_LINES_MAX = 32;
const TAIL_LINES_MAX = 32;
/** Characters of each of the two. */
const PART_LENGTH_MAX = 4 * KiB;
const LINE_LENGTH_MAX = KiB;
const REASON_LENGTH_MAX = 300;
/** The first digit of replies that refuse. */
const FOUR = 0x34;

/**
 * What is said in one session, in memory: its beginning and its end, without content, and without
 * secrets wherever it goes to. A long session's replies with which all went well are left out.
 * Costs a session next to nothing; only one that ends in an error is kept, and only one whose
 * connector says so is written out as it goes.
 */
export class SessionTape {
  readonly #desk: TapeDesk;
  readonly #facts: TapeFacts;
  readonly #isVerbose: boolean;
  readonly #redact: ((text: string) => string) | undefined;
  readonly #openedMs: number;
  readonly #head: HeldLine[] = [];
  #headLength = 0;
  #tail: HeldLine[] = [];
  #tailLength = 0;
  #omittedCount = 0;
  #sequence = 0;
  #id: string | undefined;
  #reason = "";
  #isSuspect = false;
  #isClosed = false;
  #hasHeard = false;

  private constructor(desk: TapeDesk, facts: TapeFacts, how: TapeManner) {
    this.#desk = desk;
    this.#facts = facts;
    this.#isVerbose = how.verbose;
    this.#id = how.id;
    this.#redact = how.redact;
    this.#openedMs = desk.clock.nowMs();
    this.#add("+", "", "");
  }

  /** Begins to listen; `undefined` when nobody wants to know. */
  static open(
    desk: TapeDesk | undefined,
    facts: TapeFacts,
    how: TapeManner,
  ): SessionTape | undefined {
    if (desk === undefined || !(how.verbose || desk.isKeeping())) return undefined;
    return new SessionTape(desk, facts, how);
  }

  /** 16 hex digits, as in all logs. */
  get id(): string {
    this.#id ??= this.#desk.nextId();
    return this.#id;
  }

  /** Whether each line is written out: then facts that cost something are worth looking up. */
  get isVerbose(): boolean {
    return this.#isVerbose;
  }

  /** The client's side has said anything at all. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** A command line that a client has sent, CRLF off; or in `<…>` what was wrong with one. */
  heardCommand(text: string): void {
    this.#hasHeard = true;
    // Most lines begin with neither A nor D.
    const first = text.charCodeAt(0) | 0x20;
    if (!this.#isSuspect && (first === 0x61 || first === 0x64)) this.#isSuspect = true;
    this.#add("<", text, "", this.#isSuspect ? "suspect-command" : "command");
  }

  /** Something of the other side that is not shown as it was: `<authentication response>`. */
  heard(data: string): void {
    this.#hasHeard = true;
    this.#add("<", data, "");
  }

  /** A server's reply, its lines divided by CRLF. */
  heardReply(reply: string): void {
    this.#hasHeard = true;
    const text = this.#redact === undefined ? reply : this.#redact(reply);
    if (text.charCodeAt(0) >= FOUR) this.blame(text);
    else if (this.#passesOver()) return;
    this.#add("<", text.startsWith("334") ? `334 ${MASKED_RESPONSE}` : text, "");
  }

  /** Our reply as it goes out, with its line ends. */
  saidReply(text: string): void {
    if (text.charCodeAt(0) >= FOUR) this.blame(text);
    else if (this.#passesOver()) return;
    this.#add(">", text.startsWith("334 ") ? `334 ${MASKED_RESPONSE}` : text, "");
  }

  /** Our command, CRLF off; `isLogon`: a line of an AUTH exchange. */
  saidCommand(text: string, { isLogon }: { readonly isLogon: boolean }): void {
    const isResponse = isLogon && !/^AUTH /i.test(text);
    if (isResponse) this.#add(">", MASKED_RESPONSE, "");
    else this.#add(">", text, "", "command");
  }

  /** Something of ours that is not shown as it was: `<1234 octets>`. */
  said(data: string): void {
    this.#add(">", data, "");
  }

  /** A fact that the conversation does not show. */
  note(data: string, context: string): void {
    this.#add("*", data, context);
  }

  /** The session has an error; the first one is its reason. */
  blame(reason: string): void {
    if (this.#reason !== "") return;
    this.#reason = reason.trimEnd().replaceAll("\r\n", " ").slice(0, REASON_LENGTH_MAX);
  }

  /** The session is over; called again, nothing happens. */
  close(end: TapeEnd): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (end.isFault) this.blame(end.data);
    this.#add("-", end.data, end.context);
    if (this.#reason === "" || !this.#desk.isKeeping()) return;
    this.#desk.keep({
      ...this.#facts,
      id: this.id,
      openedMs: this.#openedMs,
      closedMs: this.#desk.clock.nowMs(),
      reason: this.#reason,
      lines: [...this.#head, ...this.#tail].map((line) => withoutLineEnd(this.#shown(line))),
      omittedCount: this.#omittedCount,
      omittedAt: this.#head.length,
    });
  }

  /** Behind the beginning, replies with which all went well are only counted. */
  #passesOver(): boolean {
    const isBeginning = this.#tail.length === 0 && this.#head.length < HEAD_LINES_MAX;
    if (isBeginning || this.#isVerbose || this.#reason !== "") return false;
    this.#omittedCount += 1;
    return true;
  }

  #add(event: TapeEvent, text: string, context: string, showing: Showing = "as-it-is"): void {
    const sinceMs = this.#desk.clock.nowMs() - this.#openedMs;
    const line: HeldLine = { sinceMs, event, showing, text, context };
    if (this.#isVerbose) this.#write(this.#shown(line));
    this.#hold(text.length > LINE_LENGTH_MAX ? shortened(line) : line);
  }

  #hold(line: HeldLine): void {
    const length = line.text.length + line.context.length;
    const isHeadFull = this.#tail.length > 0 || this.#head.length >= HEAD_LINES_MAX;
    if (!isHeadFull && this.#headLength + length <= PART_LENGTH_MAX) {
      this.#head.push(line);
      this.#headLength += length;
      return;
    }
    this.#tail.push(line);
    this.#tailLength += length;
    // Twice as much as is kept, so that lines move only now and then.
    const isFull = this.#tailLength > 2 * PART_LENGTH_MAX;
    if (isFull || this.#tail.length >= 2 * TAIL_LINES_MAX || this.#isClosed) this.#shorten();
  }

  #shown({ sinceMs, event, showing, text, context }: HeldLine): TapeLine {
    return { atMs: this.#openedMs + sinceMs, event, data: shownText(text, showing), context };
  }

  #write(whole: TapeLine): void {
    const session = { ...this.#facts, id: this.id };
    for (const data of withoutLineEnd(whole).data.split("\r\n")) {
      this.#desk.write(session, { ...whole, data }, this.#sequence);
      this.#sequence += 1;
    }
  }

  /** Forgets the oldest lines behind the beginning. */
  #shorten(): void {
    let from = this.#tail.length;
    let length = 0;
    while (from > 0 && this.#tail.length - from < TAIL_LINES_MAX) {
      const line = this.#tail[from - 1];
      const next = length + (line === undefined ? 0 : line.text.length + line.context.length);
      if (next > PART_LENGTH_MAX) break;
      length = next;
      from -= 1;
    }
    this.#omittedCount += from;
    this.#tail = this.#tail.slice(from);
    this.#tailLength = length;
  }
}

/** Tells of a line that a client has sent; `exchanging`: in the middle of AUTH. */
export function tellTape(
  tape: SessionTape,
  line: Line,
  { exchanging }: { readonly exchanging: boolean },
): void {
  if (line.kind !== "line") tape.heard(`<${line.kind}>`);
  else if (!exchanging) tape.heardCommand(line.text);
  else tape.heard(line.text === "*" ? "*" : MASKED_RESPONSE);
}

function withoutLineEnd(line: TapeLine): TapeLine {
  return line.data.endsWith("\r\n") ? { ...line, data: line.data.slice(0, -2) } : line;
}

function shownText(text: string, showing: Showing): string {
  if (showing === "as-it-is") return text;
  return maskCommand(text, { isSuspect: showing === "suspect-command" });
}

/**
 * A long line as it is shown, cut: of half a command nobody could say what of it is a secret. A cut
 * of a long string keeps all of it alive, so what is kept is a copy.
 */
function shortened(line: HeldLine): HeldLine {
  const shown = shownText(line.text, line.showing);
  const isLong = shown.length > LINE_LENGTH_MAX;
  const text = isLong ? `${Buffer.from(shown.slice(0, LINE_LENGTH_MAX - 1)).toString()}…` : shown;
  return { ...line, showing: "as-it-is", text };
}
