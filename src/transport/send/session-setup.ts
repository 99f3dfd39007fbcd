import type { Clock } from "../../base/clock.ts";
import type { ClientTlsContext } from "../../net/client-connection.ts";
import type { DialledSocket } from "../../net/dial.ts";
import type { ClientOptions } from "../../smtp/client-event.ts";
import type { SessionTape } from "../../smtp/session-tape.ts";
import type { PeerCheck } from "../../tls/peer-check.ts";
import type { LogonConversation } from "./logon.ts";

/** What is needed for a session on a connected socket. */
export interface SessionSetup {
  /** As all logs name it. */
  readonly id: string;
  readonly socket: DialledSocket;
  readonly clock: Clock;
  readonly client: ClientOptions;
  /** Name for SNI; `undefined` when only an address is known. */
  readonly serverName: string | undefined;
  /** What TLS begins with, and what the server has to prove before anything is said to it. */
  readonly tls?:
    | { readonly context: ClientTlsContext | undefined; readonly checks: readonly PeerCheck[] }
    | undefined;
  /** What to log on with, when `client.logsOn`. */
  readonly logon?: LogonConversation | undefined;
  /** Hears what is said. */
  readonly tape?: SessionTape | undefined;
}
