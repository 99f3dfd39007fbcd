import { assert, unreachable } from "../base/assert.ts";
import type { Reply } from "../smtp/reply.ts";
import { formatReply } from "../smtp/reply-format.ts";
import type { Effect } from "../smtp/server-effect.ts";
import { ServerMachine } from "../smtp/server-machine.ts";
import type { ContentSink, SessionHandler, TlsFacts } from "../smtp/session-handler.ts";

const NOTHING = Buffer.alloc(0);

/** A session of the receive stage without a socket: lines and content in, replies out. */
export class ReplaySession {
  #handler: SessionHandler;
  #machine: ServerMachine;
  readonly #remoteAddress: string;
  #sink: ContentSink | undefined;
  #output = "";
  #isOver = false;
  #wantsTls = false;

  constructor(
    handler: SessionHandler,
    facts: { readonly remoteAddress: string; readonly tls: TlsFacts | undefined },
  ) {
    this.#handler = handler;
    this.#remoteAddress = facts.remoteAddress;
    if (facts.tls !== undefined) handler.secured(facts.tls);
    this.#machine = this.#greet(facts.tls);
  }

  /** The server has ended it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** STARTTLS has been answered with yes. */
  get wantsTls(): boolean {
    return this.#wantsTls;
  }

  /** Gives the machine bytes, and takes all that it answers. */
  async say(bytes: Buffer = NOTHING): Promise<string> {
    if (bytes.length > 0) this.#machine.receive(bytes);
    this.#output = "";
    while (!this.#isOver) {
      const effect = this.#machine.next();
      if (effect.kind === "idle") break;
      await this.#perform(effect);
    }
    return this.#output.trimEnd();
  }

  /** The handshake is over. */
  secure(tls: TlsFacts): void {
    this.#wantsTls = false;
    this.#handler.secured(tls);
    this.#machine.tlsStarted(tls, this.#handler.options);
  }

  /** Ends it if nobody has. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink?.abort();
    this.#handler.closed("replay over");
  }

  #greet(tls: TlsFacts | undefined): ServerMachine {
    const facts = { remoteAddress: this.#remoteAddress, tls, unread: NOTHING };
    return new ServerMachine({ options: this.#handler.options, ...facts });
  }

  #reply(reply: Reply): void {
    const { enhancedStatusCodes: enhanced } = this.#handler.options.extensions;
    this.#output += formatReply(reply, { enhanced });
  }

  async #perform(effect: Effect): Promise<void> {
    const [handler, machine] = [this.#handler, this.#machine];
    switch (effect.kind) {
      case "idle":
        return;
      case "reply":
        return this.#reply(effect.reply);
      case "mail":
        return machine.answer(
          await handler.mail(machine.client, effect.envelope, effect.sizeBytes),
        );
      case "rcpt":
        return machine.answer(await handler.rcpt(machine.client, effect.recipient));
      case "authenticate": {
        const { mechanism, response } = effect;
        const step = await handler.authenticate(machine.client, mechanism, response);
        return machine.answerLogon(step, handler.options);
      }
      case "continue-authentication": {
        const step = await handler.continueAuthentication(effect.response);
        return machine.answerLogon(step, handler.options);
      }
      case "cancel-authentication":
        return handler.cancelAuthentication();
      case "xclient": {
        const next = handler.xclient(effect.attributes);
        if ("code" in next) return machine.answer(next);
        handler.closed("XCLIENT");
        this.#handler = next;
        this.#machine = this.#greet(machine.client.tls);
        return;
      }
      case "begin-content": {
        const opened = handler.beginContent(machine.client);
        if (!("code" in opened)) this.#sink = opened;
        return machine.answer("code" in opened ? opened : undefined);
      }
      case "content":
        return void (await this.#sink?.write(effect.bytes));
      case "end-content": {
        assert(this.#sink !== undefined, "content ends that has not begun");
        const ended = this.#sink.end();
        this.#sink = undefined;
        return machine.answer(await ended);
      }
      case "abort-content":
        this.#sink?.abort();
        this.#sink = undefined;
        return;
      case "reset":
        return handler.reset();
      case "start-tls":
        this.#wantsTls = true;
        return;
      case "close":
        this.#isOver = true;
        return handler.closed(effect.reason);
      default:
        return unreachable(effect);
    }
  }
}
