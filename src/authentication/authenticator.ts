import type { Mailbox, ReceiveConnector } from "../org/organization.ts";
import type { MechanismName } from "../sasl/mechanism.ts";
import type { TlsFacts } from "../smtp/session-handler.ts";

/** Who has logged on. */
export interface Logon {
  /** The mailbox's primary address in lower case: what limits are counted under. */
  readonly account: string;
  readonly mailbox: Mailbox;
  readonly mechanism: MechanismName;
  /** The app password that was used; `undefined`: the user himself. */
  readonly appPassword: AppPasswordFacts | undefined;
}

/** An app password as logs and limits see it. */
export interface AppPasswordFacts {
  /** The device's name, as the administrator gave it. */
  readonly name: string;
  /** Senders that it may use; empty: all that its mailbox may. */
  readonly senders: readonly string[];
  /** Messages per hour; `Infinity`: as the mailbox. */
  readonly messagesPerHour: number;
}

/** As the logs name it: `alice@contoso.test`, or with its device `… (Scanner, 3rd floor)`. */
export function formatLogon({ account, appPassword }: Logon): string {
  return appPassword === undefined ? account : `${account} (${appPassword.name})`;
}

/** What a step of an exchange came to. */
export type LogonStep =
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "succeeded"; readonly logon: Logon }
  /** The mechanisms and the back-off say why, the client learns only the kind. */
  | { readonly kind: "failed"; readonly reason: LogonFailure; readonly detail: string };

/** `locked`: too many failures of this user or from there; tried again later it may work. */
export type LogonFailure = "credentials" | "malformed" | "temporary" | "locked";

/** One exchange; `cancel` when the client gives up. */
export interface LogonExchange {
  next(response: Uint8Array | undefined): Promise<LogonStep>;
  cancel(): void;
}

/** Where an exchange happens. */
export interface LogonContext {
  readonly connector: ReceiveConnector;
  /** The real client's, never a proxy's. */
  readonly remoteAddress: string;
  readonly tls: TlsFacts | undefined;
}

/** Logging on; one per transport thread. */
export interface Authenticator {
  /** What the connector offers, in order. */
  mechanisms(
    connector: ReceiveConnector,
    on: { readonly encrypted: boolean },
  ): readonly MechanismName[];
  begin(mechanism: MechanismName, context: LogonContext): LogonExchange;
}
