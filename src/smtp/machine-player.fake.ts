import { unreachable } from "../base/assert.ts";
import type { Reply } from "./reply.ts";
import { formatReply } from "./reply-format.ts";
import type { Effect } from "./server-effect.ts";
import { ServerMachine } from "./server-machine.ts";
import type { AuthStep, SessionOptions, XclientAttributes } from "./session-handler.ts";

/** What the client, or the one who looks on, sees happen. */
export type Seen =
  | { readonly kind: "reply"; readonly lines: readonly string[] }
  | { readonly kind: "message"; readonly content: string }
  | { readonly kind: "abort" }
  /** What the handler is told of a logon: mechanism and response in base64. */
  | { readonly kind: "logon"; readonly text: string }
  | { readonly kind: "xclient"; readonly attributes: XclientAttributes }
  | { readonly kind: "tls" }
  | { readonly kind: "close" };

/** Questions that a script can answer. */
export type QuestionKind = "mail" | "rcpt" | "begin-content" | "end-content" | "xclient";

/** Answers in turn, per question; when they run out, yes. */
export type Script = Readonly<Partial<Record<QuestionKind, readonly Reply[]>>> & {
  readonly auth?: readonly AuthStep[];
};

const LOGGED_ON: AuthStep = {
  kind: "done",
  reply: { code: 235, status: "2.7.0", lines: ["Authentication successful"] },
};
const QUEUED: Reply = { code: 250, status: "2.6.0", lines: ["Queued mail for delivery"] };

/** Plays bytes against a machine and says yes to everything, or what a script says. */
export class MachinePlayer {
  machine: ServerMachine;
  readonly questions: Effect[] = [];
  /** How long replies are held back that bear a delay of their own. */
  readonly delaysMs: number[] = [];
  readonly #options: SessionOptions;
  readonly #logons: AuthStep[];
  readonly #answers: Record<QuestionKind, Reply[]>;
  #content = "";

  constructor(options: SessionOptions, script: Script = {}) {
    this.machine = new ServerMachine({
      options,
      remoteAddress: "192.0.2.1",
      tls: undefined,
      unread: Buffer.alloc(0),
    });
    this.#options = options;
    this.#logons = [...(script.auth ?? [])];
    this.#answers = {
      mail: [...(script.mail ?? [])],
      rcpt: [...(script.rcpt ?? [])],
      "begin-content": [...(script["begin-content"] ?? [])],
      "end-content": [...(script["end-content"] ?? [])],
      xclient: [...(script.xclient ?? [])],
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
    const facts = {
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      serverName: undefined,
    };
    this.machine.tlsStarted(facts, this.#options);
  }

  #handle(effect: Effect, seen: Seen[]): void {
    switch (effect.kind) {
      case "reply": {
        const text = formatReply(effect.reply, {
          enhanced: this.#options.extensions.enhancedStatusCodes,
        });
        if (effect.delayMs !== undefined) this.delaysMs.push(effect.delayMs);
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
      case "authenticate":
        this.#logOn(seen, `${effect.mechanism} ${shown(effect.response)}`);
        break;
      case "continue-authentication":
        this.#logOn(seen, shown(effect.response));
        break;
      case "cancel-authentication":
        seen.push({ kind: "logon", text: "cancelled" });
        break;
      case "xclient":
        seen.push({ kind: "xclient", attributes: effect.attributes });
        this.#becomeClient(effect.attributes);
        break;
      case "reset":
      case "idle":
        break;
      default:
        unreachable(effect);
    }
  }

  #logOn(seen: Seen[], text: string): void {
    seen.push({ kind: "logon", text });
    this.machine.answerLogon(this.#logons.shift() ?? LOGGED_ON, this.#options);
  }

  #becomeClient({ address }: XclientAttributes): void {
    const refusal = this.#answers.xclient.shift();
    if (refusal !== undefined) {
      this.machine.answer(refusal);
      return;
    }
    this.machine = new ServerMachine({
      options: this.#options,
      remoteAddress: address ?? "192.0.2.1",
      tls: this.machine.client.tls,
      unread: this.machine.release(),
    });
  }
}

function shown(response: Uint8Array | undefined): string {
  if (response === undefined) return "-";
  return response.length === 0 ? "=" : Buffer.from(response).toString("base64");
}
