import type { Organization } from "../../org/organization.ts";
import type { ResubmitProgress, ResubmitRequest } from "../../transport/queue/resubmit-request.ts";

/** What the cmdlets of this room ask the server for. */
export interface ComplianceServices {
  readonly resubmissions: Resubmissions;
  readonly organization: { readonly organization: Organization };
}

/** A request with how far it has come; nothing yet: `undefined`. */
export interface ResubmitStatus {
  readonly request: ResubmitRequest;
  readonly progress: ResubmitProgress | undefined;
}

/** Requests to deliver once more what is in the Safety Net. They outlive a restart. */
export interface Resubmissions {
  /** Makes one; it begins within seconds. */
  readonly add: (request: Omit<ResubmitRequest, "id" | "createdMs">) => Promise<ResubmitStatus>;
  /** All of the last 90 days, the newest first. */
  readonly list: () => Promise<readonly ResubmitStatus[]>;
  /** Has one wait where it is, or go on; `undefined`: there is none. */
  readonly switch: (id: number, to: "on" | "off") => Promise<ResubmitStatus | undefined>;
  /** Ends and forgets one; false: there is none. What was resubmitted stays so. */
  readonly remove: (id: number) => Promise<boolean>;
}
