import type { DnsServer } from "../dns/transport.ts";
import type {
  AuthenticationQuestion,
  SenderAuthentication,
} from "../mailauth/sender-authentication.ts";

import type { ReadDmarcReport } from "../transport/deliver/report-intake.ts";

/** What the thread that checks senders can be asked. */
export type MailauthCalls = {
  readonly check: (question: AuthenticationQuestion) => Promise<SenderAuthentication>;
  /** The DMARC report in a mail: unpacking and reading take time that no listener has. */
  readonly readDmarcReport: ReadDmarcReport;
};

/** What it starts with. */
export interface MailauthThreadData {
  readonly nameServers: readonly DnsServer[];
}
