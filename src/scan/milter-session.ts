import { assert } from "../base/assert.ts";
import { fault, ok, type Result } from "../base/result.ts";
import { ClientConnection } from "../net/client-connection.ts";
import type { MilterCommand } from "./milter-command.ts";
import {
  type MilterEvent,
  MilterMachine,
  type MilterMachineOptions,
  type MilterMacros,
} from "./milter-machine.ts";
import type { MilterModification, MilterVerdict } from "./milter-reply.ts";
import { MILTER_BODY_BYTES_MAX, MilterPacketReader } from "./milter-wire.ts";
import type { ScanFault } from "./scan-fault.ts";
import { connectPeer, type ScanPeer, startDeadline } from "./scan-peer.ts";

/** A milter, and how long it may take for what (as Postfix's milter_*_timeout). */
export interface MilterPeer extends Omit<ScanPeer, "timeoutMs">, MilterMachineOptions {
  /** For a command, and for the negotiation. */
  readonly commandTimeoutMs: number;
  /** For the body, and for the end of a message. */
  readonly contentTimeoutMs: number;
}

/** What a milter makes of a command. */
export interface MilterAnswer {
  readonly verdict: MilterVerdict;
  readonly modifications: readonly MilterModification[];
}

const GO_ON: MilterAnswer = { verdict: { kind: "continue" }, modifications: [] };
/** A milter that is still at work says so; after so many times it is taken for stuck. */
const PROGRESS_MAX = 100;

type Heard = Result<MilterEvent, ScanFault>;

/** One connection to a milter, for one session of SMTP. A fault of any step is its end. */
export class MilterSession {
  readonly #peer: MilterPeer;
  readonly #machine: MilterMachine;
  readonly #reader = new MilterPacketReader();
  readonly #connection: ClientConnection;
  /** What has come and nobody has asked for yet; a milter that is not asked has nothing to say. */
  #heard: Heard[] = [];
  #listener: ((heard: Heard) => void) | undefined;
  #fault: ScanFault | undefined;

  private constructor(peer: MilterPeer, connect: ConnectBy) {
    this.#peer = peer;
    this.#machine = new MilterMachine(peer);
    this.#connection = connect({
      data: (bytes) => this.#take(bytes),
      closed: () => this.#end({ kind: "protocol", text: "the milter has closed the connection" }),
    });
  }

  /** Connects and agrees on what is to be told. Never rejects. */
  static async open(peer: MilterPeer): Promise<Result<MilterSession, ScanFault>> {
    const timeoutMs = peer.connectTimeoutMs;
    const deadline = startDeadline({ clock: peer.clock, timeoutMs, signal: peer.signal });
    try {
      const socket = await connectPeer({ ...peer, timeoutMs }, deadline);
      if (!socket.ok) return socket;
      const { clock } = peer;
      const session = new MilterSession(
        peer,
        (listener) => new ClientConnection(socket.value, { clock, listener }),
      );
      await session.#write([session.#machine.start()], peer.commandTimeoutMs);
      const agreed = await session.#hear(peer.commandTimeoutMs);
      return agreed.ok ? ok(session) : agreed;
    } finally {
      deadline.cancel();
    }
  }

  /**
   * Tells a command, and waits for what the milter says about it if it says anything. One at a
   * time. Never rejects.
   */
  async ask(
    command: MilterCommand,
    macros: MilterMacros = {},
  ): Promise<Result<MilterAnswer, ScanFault>> {
    assert(this.#listener === undefined, "one command at a time");
    if (this.#fault !== undefined) return fault(this.#fault);
    const plan = this.#machine.plan(command, macros);
    if (plan.kind === "skip") return ok(GO_ON);
    const isContent = command.kind === "body" || command.kind === "eob";
    const timeoutMs = isContent ? this.#peer.contentTimeoutMs : this.#peer.commandTimeoutMs;
    await this.#write(plan.packets, timeoutMs);
    if (!plan.isAnswered) return this.#fault === undefined ? ok(GO_ON) : fault(this.#fault);
    for (let count = 0; count <= PROGRESS_MAX; count += 1) {
      const heard = await this.#hear(timeoutMs);
      if (!heard.ok) return heard;
      if (heard.value.kind === "answer") {
        const { verdict, modifications } = heard.value;
        return ok({ verdict, modifications });
      }
    }
    return fault(this.#end({ kind: "timeout", text: "always at work, and never done" }));
  }

  /** Tells a piece of the body, of any size. */
  async askBody(bytes: Uint8Array): Promise<Result<MilterAnswer, ScanFault>> {
    for (let at = 0; at < bytes.length; at += MILTER_BODY_BYTES_MAX) {
      const piece = bytes.subarray(at, at + MILTER_BODY_BYTES_MAX);
      const answer = await this.ask({ kind: "body", bytes: piece });
      if (!answer.ok) return answer;
      const { kind } = answer.value.verdict;
      if (kind !== "continue") return answer;
    }
    return ok(GO_ON);
  }

  /** Ends the message, if there is one that the milter has not settled. */
  abort(): void {
    this.#connection.writeAll(this.#machine.abort());
  }

  /** Ends the session; the connection can serve another one if this says so. */
  reset(): boolean {
    if (this.#fault !== undefined || !this.#machine.canStartAnew) return false;
    this.#connection.write(this.#machine.quitNewConnection());
    return true;
  }

  /** Ends it. */
  quit(): void {
    if (this.#fault !== undefined) return;
    this.#fault = { kind: "aborted", text: "the session has ended" };
    this.#tell(fault(this.#fault));
    this.#connection.write(this.#machine.quit());
    this.#connection.end();
    // A milter that does not close its side would keep the socket for ever.
    this.#peer.clock.startTimer(this.#peer.commandTimeoutMs, () => this.#connection.destroy());
  }

  /** Whether the milter would be told such a command now. */
  wants(kind: MilterCommand["kind"]): boolean {
    return this.#fault === undefined && this.#machine.wants(kind);
  }

  /** Whether the milter wants to hear of recipients that we refuse. */
  get wantsRejectedRecipients(): boolean {
    return this.#machine.wantsRejectedRecipients;
  }

  /** Whether values of header fields come with the space behind the colon. */
  get keepsLeadingSpace(): boolean {
    return this.#machine.keepsLeadingSpace;
  }

  #take(bytes: Uint8Array): void {
    const packets = this.#reader.push(bytes);
    if (!packets.ok) {
      this.#end({ kind: "protocol", text: packets.fault });
      return;
    }
    for (const packet of packets.value) {
      if (this.#fault !== undefined) return;
      const event = this.#machine.receive(packet);
      if (event.ok) {
        if (event.value.kind !== "noted") this.#tell(event);
      } else this.#end({ kind: "protocol", text: `the milter ${event.fault}` });
    }
  }

  #tell(heard: Heard): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) this.#heard.push(heard);
    else listener(heard);
  }

  #end(reason: ScanFault): ScanFault {
    if (this.#fault !== undefined) return this.#fault;
    this.#fault = reason;
    this.#tell(fault(reason));
    this.#connection.destroy();
    return reason;
  }

  /** The next event, within the time. */
  async #hear(timeoutMs: number): Promise<Heard> {
    const waiting = this.#heard.shift();
    if (waiting !== undefined) return waiting;
    if (this.#fault !== undefined) return fault(this.#fault);
    const { clock, signal } = this.#peer;
    const deadline = startDeadline({ clock, timeoutMs, signal });
    const late = () => this.#end(deadline.fault());
    deadline.signal.addEventListener("abort", late, { once: true });
    try {
      return await new Promise<Heard>((resolve) => {
        this.#listener = resolve;
        if (deadline.signal.aborted) late();
      });
    } finally {
      deadline.cancel();
    }
  }

  async #write(packets: readonly Uint8Array[], timeoutMs: number): Promise<void> {
    if (this.#connection.writeAll(packets)) return;
    const timer = this.#peer.clock.startTimer(timeoutMs, () =>
      this.#end({ kind: "timeout", text: "the milter does not read" }),
    );
    await this.#connection.drained();
    timer.cancel();
  }
}

type ConnectBy = (
  listener: ConstructorParameters<typeof ClientConnection>[1]["listener"],
) => ClientConnection;
