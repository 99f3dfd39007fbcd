import { unreachable } from "../base/assert.ts";
import type { Reply } from "./reply.ts";
import { formatReply } from "./reply-format.ts";
import type { Effect } from "./server-effect.ts";
import { ServerMachine } from "./server-machine.ts";
import type { SessionOptions } from "./session-handler.ts";

/** What the client, or the one who looks on, sees happen. */
export type Seen =
  | { readonly kind: "reply"; readonly lines: readonly string[] }
  | { readonly kind: "message"; readonly content: string }
  | { readonly kind: "abort" }
  | { readonly kind: "tls" }
  | { readonly kind: "close" };

/** Questions that a script can answer. */
export type QuestionKind = "mail" | "rcpt" | "begin-content" | "end-content";

/** Answers in turn, per question; when they run out, yes. */
export type Script = Readonly<Partial<Record<QuestionKind, readonly Reply[]>>>;

const QUEUED: Reply = { code: 250, status: "2.6.0", lines: ["Queued mail for delivery"] };

/** Plays bytes against a machine and says yes to everything, or what a script says. */
export class MachinePlayer {
  readonly machine: ServerMachine;
  readonly questions: Effect[] = [];
  readonly #enhanced: boolean;
  readonly #answers: Record<QuestionKind, Reply[]>;
  #content = "";

  constructor(options: SessionOptions, script: Script = {}) {
    this.machine = new ServerMachine({ options, remoteAddress: "192.0.2.1", tls: undefined });
    this.#enhanced = options.extensions.enhancedStatusCodes;
    this.#answers = {
      mail: [...(script.mail ?? [])],
      rcpt: [...(script.rcpt ?? [])],
      "begin-content": [...(script["begin-content"] ?? [])],
      "end-content": [...(script["end-content"] ?? [])],
    };
  }

  /** Everything that happens until the machine is idle. */
  feed(bytes: Uint8Array): Seen[] {
    // A copy, spoilt afterwards: the machine may keep no reference to what it was given.
    const given = Buffer.from(bytes);
    this.machine.receive(given);
    const seen: Seen[] = [];
    for (let effect = this.machine.next(); effect.kind !== "idle"; effect = this.machine.next()) {
      this.#handle(effect, seen);
    }
    given.fill(0xff);
    return seen;
  }

  /** The handshake takes place. */
  startTls(): void {
    this.machine.tlsStarted({
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      serverName: undefined,
    });
  }

  #handle(effect: Effect, seen: Seen[]): void {
    switch (effect.kind) {
      case "reply": {
        const text = formatReply(effect.reply, { enhanced: this.#enhanced });
        seen.push({ kind: "reply", lines: text.split("\r\n").slice(0, -1) });
        break;
      }
      case "mail":
      case "rcpt":
      case "begin-content":
        this.questions.push(effect);
        if (effect.kind === "begin-content") this.#content = "";
        this.machine.answer(this.#answers[effect.kind].shift());
        break;
      case "content":
        this.#content += Buffer.from(effect.bytes).toString("latin1");
        break;
      case "end-content":
        seen.push({ kind: "message", content: this.#content });
        this.machine.answer(this.#answers["end-content"].shift() ?? QUEUED);
        break;
      case "abort-content":
        seen.push({ kind: "abort" });
        break;
      case "start-tls":
        seen.push({ kind: "tls" });
        break;
      case "close":
        seen.push({ kind: "close" });
        break;
      case "reset":
      case "idle":
        break;
      default:
        unreachable(effect);
    }
  }
}
