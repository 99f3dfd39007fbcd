import type { DnsServer } from "../dns/transport.ts";
import type {
  AuthenticationQuestion,
  SenderAuthentication,
} from "../mailauth/sender-authentication.ts";

/** What the thread that checks senders can be asked. */
export type MailauthCalls = {
  readonly check: (question: AuthenticationQuestion) => Promise<SenderAuthentication>;
};

/** What it starts with. */
export interface MailauthThreadData {
  readonly nameServers: readonly DnsServer[];
}
