import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { assert } from "../base/assert.ts";
import { type FakeClock, fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import type { Envelope, EnvelopeRecipient } from "../mail/envelope.ts";
import type { Reply } from "../smtp/reply.ts";
import { REPLY } from "../smtp/reply-table.ts";
import type {
  AuthStep,
  ClientFacts,
  ContentSink,
  SessionHandler,
  SessionOptions,
  SessionTls,
  TlsFacts,
  Verdict,
  XclientAttributes,
} from "../smtp/session-handler.ts";
import { FAKE_SESSION_OPTIONS } from "../smtp/session-options.fake.ts";
import { FAKE_CERTIFICATE, fakeServerTls } from "./certificate.fake.ts";
import { type Listener, type ListenerOptions, openListener } from "./listener.ts";

/** A handler that says yes, keeps what it is given, and lets a test replace any part. */
export class FakeHandler implements SessionHandler {
  options: SessionOptions;
  readonly log: string[] = [];
  readonly messages: string[] = [];
  readonly closedReason: Promise<string>;
  lastClient: ClientFacts | undefined;
  onMail: (envelope: Envelope) => Promise<Verdict> | Verdict = () => undefined;
  onRecipient: (recipient: EnvelopeRecipient) => Promise<Verdict> | Verdict = () => undefined;
  onWrite: () => Promise<void> | undefined = () => undefined;
  onSecured: (tls: TlsFacts) => void = () => {};
  onLogon: () => Promise<AuthStep> = async () => ({ kind: "done", reply: REPLY.notImplemented });
  onXclient: (attributes: XclientAttributes) => SessionHandler | Reply = () => REPLY.notImplemented;
  onEnd: () => Promise<Reply> = async () => ({ code: 250, status: "2.6.0", lines: ["Queued"] });
  #resolveClosed: (reason: string) => void = () => {};

  constructor(options: Partial<SessionOptions> = {}) {
    this.options = { ...FAKE_SESSION_OPTIONS, ...options };
    this.closedReason = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  tls: SessionTls | undefined = fakeServerTls;

  authenticate(
    _client: ClientFacts,
    mechanism: string,
    response: Uint8Array | undefined,
  ): Promise<AuthStep> {
    this.log.push(`authenticate ${mechanism} ${response && Buffer.from(response)}`);
    return this.onLogon();
  }

  continueAuthentication(response: Uint8Array): Promise<AuthStep> {
    this.log.push(`continue ${Buffer.from(response)}`);
    return this.onLogon();
  }

  cancelAuthentication(): void {
    this.log.push("cancel");
  }

  secured(tls: TlsFacts): void {
    this.onSecured(tls);
  }

  xclient(attributes: XclientAttributes): SessionHandler | Reply {
    return this.onXclient(attributes);
  }

  mail(client: ClientFacts, envelope: Envelope): Promise<Verdict> | Verdict {
    this.lastClient = client;
    this.log.push(`mail ${envelope.sender}`);
    return this.onMail(envelope);
  }

  rcpt(_client: ClientFacts, recipient: EnvelopeRecipient): Promise<Verdict> | Verdict {
    this.log.push(`rcpt ${recipient.address}`);
    return this.onRecipient(recipient);
  }

  beginContent(): ContentSink {
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => {
        pieces.push(Buffer.from(bytes));
        return this.onWrite();
      },
      end: () => {
        this.messages.push(Buffer.concat(pieces).toString("latin1"));
        return this.onEnd();
      },
      abort: () => void this.log.push("abort"),
    };
  }

  reset(): void {
    this.log.push("reset");
  }

  closed(reason: string): void {
    this.log.push("closed");
    this.#resolveClosed(reason);
  }
}

/** A client that sends what it is told and reads whole replies. */
export class FakeClient {
  readonly closed: Promise<void>;
  #socket: Socket;
  #text = "";
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    this.#attach(socket);
  }

  get socket(): Socket {
    return this.#socket;
  }

  send(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** The next reply with all its lines, or "" when the server has closed. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.#ended) return "";
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Sends and reads `count` replies; returns their codes. */
  async talk(text: string, count = 1): Promise<string[]> {
    this.send(text);
    const codes: string[] = [];
    for (let index = 0; index < count; index += 1) codes.push((await this.reply()).slice(0, 3));
    return codes;
  }

  /** After the server's 220 to STARTTLS. */
  async startTls(): Promise<void> {
    const clear = this.#socket;
    clear.removeAllListeners("data");
    const socket = connectTls({
      socket: clear,
      ca: FAKE_CERTIFICATE,
      servername: "mail.contoso.test",
    });
    this.#socket = socket;
    this.#attach(socket);
    await new Promise<void>((resolve) => socket.once("secureConnect", () => resolve()));
  }

  #attach(socket: Socket): void {
    socket.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
  }
}

/** A listener on loopback, its clock in the test's hand. */
export interface Harness {
  readonly clock: FakeClock;
  readonly listener: Listener;
  connect(): FakeClient;
  connectTls(): Promise<FakeClient>;
  close(): Promise<void>;
}

/** Opens a listener on a free port; `handlers` are given to the connections in turn. */
export async function openHarness(
  handlers: readonly (SessionHandler | Reply)[],
  options: Partial<ListenerOptions> = {},
): Promise<Harness> {
  const clock = fakeClock();
  let accepted = 0;
  const opened = await openListener({
    clock,
    diagnostics: silentDiagnostics,
    address: "127.0.0.1",
    port: 0,
    count: () => {},
    isTrustedProxy: () => false,
    implicitTls: false,
    handshakeTimeoutMs: 30_000,
    openSession: () => handlers[accepted++] ?? new FakeHandler(),
    ...options,
  });
  assert(opened.ok, "the listener opens");
  const listener = opened.value;
  const clients: FakeClient[] = [];
  return {
    clock,
    listener,
    connect() {
      const client = new FakeClient(connect({ port: listener.port, host: "127.0.0.1" }));
      clients.push(client);
      return client;
    },
    async connectTls() {
      const client = new FakeClient(connect({ port: listener.port, host: "127.0.0.1" }));
      clients.push(client);
      await client.startTls();
      return client;
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      await listener.stop(0);
    },
  };
}
