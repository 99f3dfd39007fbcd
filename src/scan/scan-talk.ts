import type { Result } from "../base/result.ts";
import { fault } from "../base/result.ts";
import { ClientConnection } from "../net/client-connection.ts";
import type { DialledSocket } from "../net/dial.ts";
import { formatScanEndpoint } from "./scan-endpoint.ts";
import type { ScanFault } from "./scan-fault.ts";
import { connectPeer, type Deadline, type ScanPeer, startDeadline } from "./scan-peer.ts";

/** Reads what a scanner says, piece by piece; holds no more than a bound of its own. */
export interface AnswerReader<Answer> {
  /** `undefined`: more has to come. Not called again after an answer or a fault. */
  push(bytes: Uint8Array): Result<Answer, ScanFault> | undefined;
  /** The scanner has closed. */
  end(): Result<Answer, ScanFault>;
}

/** The way to the scanner. */
export interface TalkOutput {
  /**
   * Sends, and resolves when more may be sent; false: it is over (the scanner has answered already,
   * or time is up), and nothing more needs to be said.
   */
  write(...pieces: readonly (Uint8Array | string)[]): Promise<boolean>;
  /** Aborted once it is over. */
  readonly over: AbortSignal;
}

/** One exchange. */
export interface Talk<Answer> {
  /** Says it all; may return early when `write` says that it is over. */
  readonly say: (out: TalkOutput) => Promise<void>;
  readonly reader: AnswerReader<Answer>;
}

/**
 * Connects, says what is to be said while reading, and closes at the answer. Rejects only when
 * `say` does (the content could not be read).
 */
export async function talkTo<Answer>(
  peer: ScanPeer,
  talk: Talk<Answer>,
): Promise<Result<Answer, ScanFault>> {
  const deadline = startDeadline(peer);
  const leave = await peer.gate?.enter(formatScanEndpoint(peer.endpoint), deadline.signal);
  try {
    if (deadline.signal.aborted) return fault(deadline.fault());
    const socket = await connectPeer(peer, deadline);
    if (!socket.ok) return socket;
    return await converse(peer, { socket: socket.value, deadline, ...talk });
  } finally {
    leave?.();
    deadline.cancel();
  }
}

function converse<Answer>(
  peer: ScanPeer,
  given: Talk<Answer> & { readonly socket: DialledSocket; readonly deadline: Deadline },
): Promise<Result<Answer, ScanFault>> {
  const { socket, deadline, say, reader } = given;
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const finish = () => {
      over.abort();
      deadline.signal.removeEventListener("abort", late);
      connection.destroy();
    };
    const settle = (result: Result<Answer, ScanFault>) => {
      if (over.signal.aborted) return;
      finish();
      resolve(result);
    };
    const late = () => settle(fault(deadline.fault()));
    const connection = new ClientConnection(socket, {
      clock: peer.clock,
      listener: {
        data: (bytes) => {
          const result = over.signal.aborted ? undefined : reader.push(bytes);
          if (result !== undefined) settle(result);
        },
        closed: () => {
          if (!over.signal.aborted) settle(reader.end());
        },
      },
    });
    deadline.signal.addEventListener("abort", late, { once: true });
    if (deadline.signal.aborted) return late();
    const write = async (...pieces: readonly (Uint8Array | string)[]): Promise<boolean> => {
      if (over.signal.aborted) return false;
      if (!connection.writeAll(pieces)) await connection.drained();
      return !over.signal.aborted;
    };
    say({ write, over: over.signal }).catch((error: unknown) => {
      // After the answer nobody asks for the rest of the content any more.
      if (over.signal.aborted) return;
      finish();
      reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
