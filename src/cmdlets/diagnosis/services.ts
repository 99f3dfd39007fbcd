import type { StateRequest } from "../../diagnosis/component-state.ts";
import type { SentProbe } from "../../diagnosis/probe-message.ts";
import type { AnswerTo, DiagnosisQuestion } from "../../diagnosis/questions.ts";
import type { TrackingLog } from "../../logs/tracking-log.ts";
import type { Address, Domain } from "../../mail/address.ts";
import type { Organization } from "../../org/organization.ts";
import type { KeptDmarcReport } from "../../transport/deliver/kept-dmarc-report.ts";
import type { ListedQueue, LocatedMessage } from "../../transport/queue/queue-listing.ts";

/** What the cmdlets of this room ask the server for. */
export interface DiagnosisServices {
  readonly diagnosis: DiagnosisDesk;
}

/** Explanations and tests, and what they are made of. */
export interface DiagnosisDesk {
  readonly organization: () => Organization;
  /**
   * Answers as it comes. Throws CmdletFault when nobody can answer, or it takes longer than
   * `timeoutMs`.
   */
  readonly ask: <Question extends DiagnosisQuestion>(
    question: Question,
    how: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => AsyncIterable<AnswerTo<Question>>;
  /** Puts a probe into the pipeline; resolves once it is durable. */
  readonly submitProbe: (to: Address) => Promise<SentProbe>;
  readonly log: TrackingLog;
  /** Messages of these ids that wait, once for each queue that they are in. */
  readonly queued: (
    ids: readonly number[],
    signal: AbortSignal,
  ) => Promise<readonly LocatedMessage[]>;
  readonly queues: () => Promise<readonly ListedQueue[]>;
  /** Who has taken what out of service. */
  readonly stateRequests: () => readonly StateRequest[];
  /** Aggregate reports of others about a domain, or all; in the order of domains and days. */
  readonly dmarcReports: (domain: Domain | undefined) => AsyncIterable<KeptDmarcReport>;
  /** Addresses of this machine. */
  readonly ownAddresses: () => readonly string[];
}
