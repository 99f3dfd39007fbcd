import type { TlsResultType } from "../../tls/tls-report.ts";
import type { Fault } from "../queue/outcome.ts";
import { ourFault } from "./hop-fault.ts";
import type { TlsFailure } from "./tls-policy.ts";

/** Codes of reference §6.5 where there is one, else RFC 3463's "cryptographic failure". */
const STATUS: Partial<Record<TlsResultType, string>> = {
  "starttls-not-supported": "4.7.321",
  "certificate-expired": "4.7.322",
  "tlsa-invalid": "4.7.323",
  "dane-required": "4.7.323",
  "dnssec-invalid": "4.7.324",
  "certificate-host-mismatch": "4.7.325",
};

/** A host that does not meet the policy: mail waits, and is never sent with less. */
export function tlsFault(about: {
  readonly failure: TlsFailure;
  readonly host: string;
  /** The policy and who says so. */
  readonly label: string;
}): Fault {
  const { failure, host, label } = about;
  const detail = failure.detail === "" ? "" : `, ${failure.detail}`;
  const text =
    `${failure.type}: ${host || "the next hop"} does not meet the TLS policy${detail} ` +
    `(${label}); its operator has to put that right, or tlsPolicies has to ask for less`;
  return ourFault(451, STATUS[failure.type] ?? "4.7.5", oneLine(text));
}

/** Details may quote what others wrote. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").slice(0, TEXT_CHARACTERS_MAX);
}

const TEXT_CHARACTERS_MAX = 900;
