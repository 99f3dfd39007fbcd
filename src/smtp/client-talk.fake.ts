import type { ClientEvent, ClientOptions } from "./client-event.ts";
import { ClientMachine } from "./client-machine.ts";
import type { RecipientResult } from "./client-transaction.ts";
import { formatServerReply } from "./reply-parser.ts";

/** An ordinary session. */
export const OPTIONS: ClientOptions = {
  protocol: "smtp",
  fqdn: "us.test",
  ownNames: ["us.test"],
  forceHelo: false,
  startTls: "opportunistic",
  logsOn: false,
};

/** A turn of the server's: what it says once our side has gone quiet. `TLS` is a handshake done. */
export type Script = readonly string[];

/** How a conversation went. */
export interface Talk {
  /** What we wrote, turn by turn. */
  readonly said: readonly string[];
  readonly events: readonly string[];
}

/** A turn of an ordinary server. */
export const GREETING = "220 peer.test ESMTP\r\n";
/** A turn of an ordinary server. */
export const PLAIN = "250 peer.test\r\n";
/** A turn of an ordinary server. */
export const PIPELINING = "250-peer.test\r\n250 PIPELINING\r\n";
/** A turn of an ordinary server. */
export const CHUNKING = "250-peer.test\r\n250-PIPELINING\r\n250 CHUNKING\r\n";

/**
 * Plays the script; begins a transaction for `recipients` at `ready`, and sends content when asked.
 */
export function talk(
  script: Script,
  setup: {
    readonly options?: Partial<ClientOptions>;
    readonly recipients?: number;
    readonly transfer?: "data" | "chunks" | "none";
    readonly cuts?: readonly number[];
  } = {},
): Talk {
  const machine = new ClientMachine({ ...OPTIONS, ...setup.options });
  const said: string[] = [];
  const events: string[] = [];
  const addresses = Array.from(
    { length: setup.recipients ?? 1 },
    (_, index) => `RCPT TO:<${index}>`,
  );
  let begun = false;
  let content = "";
  const settle = () => {
    for (let event = machine.next(); event !== undefined; event = machine.next()) {
      events.push(describe(event));
      if (event.kind === "ready" && !begun && setup.recipients !== 0) {
        begun = true;
        const transfer = setup.transfer ?? "data";
        machine.begin({ mail: "MAIL FROM:<>", recipients: addresses, transfer });
      }
      if (event.kind !== "content" || !machine.wantsContent) continue;
      if (event.transfer === "chunks") content += `${machine.chunk(5, "last")}<content>`;
      else {
        content += "<content>";
        machine.contentSent();
      }
    }
    const output = machine.takeOutput() + content;
    content = "";
    if (output !== "") said.push(output);
  };
  for (const turn of script) {
    if (turn === "TLS") machine.tlsStarted();
    else if (turn === "LOST") machine.lose("closed");
    else {
      for (const piece of cut(turn, setup.cuts ?? [])) {
        machine.receive(piece);
        settle();
      }
    }
    settle();
  }
  return { said, events };
}

function cut(text: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((at) => at % (bytes.length + 1)), bytes.length];
  let start = 0;
  return ends
    .sort((left, right) => left - right)
    .map((end) => {
      const piece = bytes.subarray(start, end);
      start = end;
      return piece;
    });
}

/** An event on one line. */
export function describe(event: ClientEvent): string {
  switch (event.kind) {
    case "content":
      return `content ${event.transfer}`;
    case "finished":
      return [
        event.contentSent ? "finished sent" : "finished",
        event.results.map(describeResult).join(", "),
      ].join(" ");
    case "ended": {
      const { end } = event;
      const detail =
        "reply" in end && end.reply !== undefined
          ? end.reply.code
          : "text" in end
            ? end.text
            : "cause" in end
              ? end.cause
              : "";
      return `ended ${end.kind} ${detail}`.trimEnd();
    }
    default:
      return event.kind;
  }
}

function describeResult(result: RecipientResult): string {
  if (result.kind === "lost") return "lost";
  const reply = formatServerReply(result.reply);
  return result.kind === "accepted" ? reply : `${result.step} ${reply}`;
}
