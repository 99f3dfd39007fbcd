import { assert } from "../../base/assert.ts";
import type { Reply } from "../../smtp/reply.ts";
import { formatReply } from "../../smtp/reply-format.ts";
import type { Effect } from "../../smtp/server-effect.ts";
import { ServerMachine } from "../../smtp/server-machine.ts";
import type {
  ContentSink,
  PeerCertificateFacts,
  SessionHandler,
  TlsFacts,
} from "../../smtp/session-handler.ts";

/** A whole session without a socket: the machine asks the policy, a test says the lines. */
export class MachineTalk {
  #handler: SessionHandler;
  #machine: ServerMachine;
  #tls: TlsFacts | undefined;
  #sink: ContentSink | undefined;
  #output = "";
  #ended = false;
  /** What the client shows when TLS starts. */
  certificate: PeerCertificateFacts | undefined;

  constructor(handler: SessionHandler) {
    this.#handler = handler;
    this.#machine = this.#greet();
  }

  /** The policy in force; XCLIENT puts another in its place. */
  get handler(): SessionHandler {
    return this.#handler;
  }

  /** Says lines and returns all that comes back: one text for each reply, its lines joined. */
  async say(...lines: readonly string[]): Promise<string> {
    this.#machine.receive(Buffer.from(lines.map((line) => `${line}\r\n`).join("")));
    this.#output = "";
    for (;;) {
      const effect = this.#machine.next();
      if (effect.kind === "idle" || this.#ended) return this.#output.trimEnd();
      await this.#perform(effect);
    }
  }

  #greet(): ServerMachine {
    return new ServerMachine({
      options: this.#handler.options,
      remoteAddress: "192.0.2.1",
      tls: this.#tls,
      unread: Buffer.alloc(0),
      tape: this.#handler.tape,
    });
  }

  #reply(reply: Reply): void {
    const text = formatReply(reply, { enhanced: true });
    this.#handler.tape?.saidReply(text);
    this.#output += text.replaceAll("\r\n", "\n");
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
        this.#machine = this.#greet();
        return;
      }
      case "begin-content": {
        const opened = handler.beginContent(machine.client);
        if (!("code" in opened)) this.#sink = opened;
        return machine.answer("code" in opened ? opened : undefined);
      }
      case "content":
        return void (await this.#sink?.write(effect.bytes));
      case "end-content":
        assert(this.#sink !== undefined, "content has begun");
        return machine.answer(await this.#sink.end());
      case "abort-content":
        return this.#sink?.abort();
      case "reset":
        return handler.reset();
      case "start-tls":
        return this.#startTls();
      case "close":
        this.#ended = true;
        handler.closed(effect.reason);
    }
  }

  #startTls(): void {
    this.#tls = {
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      serverName: undefined,
      ...(this.certificate && { peerCertificate: this.certificate }),
    };
    this.#handler.secured(this.#tls);
    this.#machine.tlsStarted(this.#tls, this.#handler.options);
  }
}
