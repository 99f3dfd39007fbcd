import type { Clock } from "../../base/clock.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { fault, type Result } from "../../base/result.ts";
import { MiB } from "../../base/units.ts";
import type { MilterSettings } from "../../org/scanner-settings.ts";
import type { MilterCommand } from "../../scan/milter-command.ts";
import type { MilterMacros } from "../../scan/milter-machine.ts";
import { type MilterAnswer, MilterSession } from "../../scan/milter-session.ts";
import { parseScanEndpoint } from "../../scan/scan-endpoint.ts";
import type { ScanFault } from "../../scan/scan-fault.ts";
import type { ScanGate } from "../../scan/scan-gate.ts";
import type { Discard, Refusal } from "../agents/receive-agent.ts";
import { extraMacros } from "./milter-facts.ts";
import { answerOf, failureAnswer } from "./milter-verdict.ts";

/** What scanners are reached with. */
export interface ScanTools {
  readonly clock: Clock;
  readonly diagnostics: Pick<Diagnostics, "warn">;
  /** Where scans of whole messages wait for their turn. */
  readonly gate?: ScanGate;
  /** Addresses of a host, none when there are none. Never rejects. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
}

/** A command and the macros that go with it. */
export interface MilterQuestion {
  readonly command: MilterCommand;
  readonly macros: MilterMacros;
}

/** A body that a milter has written, and all the changes of a message. */
const MODIFICATION_BYTES_MAX = 36 * MiB;

/** `undefined`: the client goes on. */
type Answer = Refusal | Discard | undefined;

/** One milter and one session of SMTP. After a fault it is connected to again at the next MAIL. */
export class MilterLine {
  readonly settings: MilterSettings;
  readonly #tools: ScanTools;
  readonly #given = new AbortController();
  #session: MilterSession | undefined;
  /** Nothing has been agreed yet, or the connection has failed. */
  #isBroken = true;
  /** It could not be asked about the message at hand, which is to be held back for that. */
  #quarantines = false;

  constructor(settings: MilterSettings, tools: ScanTools) {
    this.settings = settings;
    this.#tools = tools;
  }

  /** Whether the message at hand goes to quarantine because this milter could not be asked. */
  get quarantines(): boolean {
    return this.#quarantines;
  }

  /** The milter, as long as it can be asked about the message at hand. */
  get session(): MilterSession | undefined {
    return this.#isBroken ? undefined : this.#session;
  }

  /** Connects and tells what the client has said by now. What fails is tried again at MAIL. */
  async open(greetings: readonly MilterQuestion[]): Promise<Answer> {
    const opened = await this.#connect();
    if (!opened.ok) return void this.#broke(opened.fault);
    this.#session = opened.value;
    this.#isBroken = false;
    if (this.#given.signal.aborted) return void this.close();
    for (const greeting of greetings) {
      const answer = await this.#tell(greeting);
      if (!answer.ok) return void this.#broke(answer.fault);
      const said = answerOf(answer.value.verdict, this.settings.name);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  /** Tells a greeting that comes later; as `open`. */
  async greet(greeting: MilterQuestion): Promise<Answer> {
    if (this.session === undefined) return undefined;
    const answer = await this.#tell(greeting);
    if (!answer.ok) return void this.#broke(answer.fault);
    return answerOf(answer.value.verdict, this.settings.name);
  }

  /** A new message: connects again where that is needed. */
  async mail(mail: MilterQuestion, greetings: readonly MilterQuestion[]): Promise<Answer> {
    this.#quarantines = false;
    if (this.session === undefined) {
      const said = await this.open(greetings);
      if (said !== undefined) return said;
      if (this.session === undefined) return this.#failed();
    }
    return this.ask(mail);
  }

  /** Tells of a command; one that cannot be told has the answer of the fail mode. */
  async ask(question: MilterQuestion): Promise<Answer> {
    if (this.session === undefined) return undefined;
    const answer = await this.#tell(question);
    return answer.ok ? answerOf(answer.value.verdict, this.settings.name) : this.fail(answer.fault);
  }

  /** It cannot be asked about this message any more: what the client hears. */
  fail(reason: ScanFault): Answer {
    this.#broke(reason);
    return this.#failed();
  }

  /** The message is over. */
  reset(): void {
    this.#quarantines = false;
    this.session?.abort();
  }

  /** The session is over. */
  close(): void {
    this.#given.abort();
    this.session?.quit();
    this.#isBroken = true;
  }

  async #tell({ command, macros }: MilterQuestion): Promise<Result<MilterAnswer, ScanFault>> {
    const session = this.session;
    if (session === undefined) return fault({ kind: "aborted", text: "not connected" });
    return session.ask(command, macros);
  }

  async #connect(): Promise<Result<MilterSession, ScanFault>> {
    const { settings } = this;
    const endpoint = parseScanEndpoint(settings.endpoint);
    if (!endpoint.ok) return fault({ kind: "unreachable", text: endpoint.fault });
    return MilterSession.open({
      ...this.#tools,
      endpoint: endpoint.value,
      connectTimeoutMs: settings.connectTimeoutMs,
      commandTimeoutMs: settings.commandTimeoutMs,
      contentTimeoutMs: settings.contentTimeoutMs,
      modificationBytesMax: MODIFICATION_BYTES_MAX,
      extraMacros: extraMacros(settings),
      signal: this.#given.signal,
    });
  }

  #broke(reason: ScanFault): void {
    this.#isBroken = true;
    if (this.#given.signal.aborted) return;
    const { name: milter, failMode } = this.settings;
    const { kind, text } = reason;
    this.#tools.diagnostics.warn("milter-failed", { milter, failMode, fault: kind, text });
  }

  #failed(): Answer {
    if (this.settings.failMode === "Quarantine") this.#quarantines = true;
    return failureAnswer(this.settings);
  }
}
