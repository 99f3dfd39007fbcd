import { type MessageFailure, shownFields } from "../../mail/failure-report-mail.ts";
import { asksForReports, parseDmarcRecord } from "../../mailauth/dmarc-record.ts";
import type { DmarcReportRow } from "../../mailauth/dmarc-report.ts";
import type { SenderIdConfig } from "../../org/sender-id-config.ts";
import type { JudgedMessage } from "./dmarc-counts.ts";
import { findOverride, type SenderDecision, type SenderFacts } from "./sender-decision.ts";

/**
 * A message as reports to its author's domain count it (RFC 9990 §3.1.1); `undefined` when that
 * domain wants none, or nothing is known of the message. Pure.
 */
export function judgedMessage(
  facts: SenderFacts,
  config: SenderIdConfig,
  decision: SenderDecision,
): JudgedMessage | undefined {
  const { found, remoteAddress, sender } = facts;
  const { dmarc, spf, dkim } = found;
  const { published } = dmarc;
  if (published === undefined || !asksForReports(published.record)) return undefined;
  if (dmarc.result !== "pass" && dmarc.result !== "fail") return undefined;
  const disposition = dispositionOf(dmarc, decision);
  return {
    published,
    row: {
      sourceIp: remoteAddress,
      disposition,
      dkim: dmarc.alignment.dkim === undefined ? "fail" : "pass",
      spf: dmarc.alignment.spf === undefined ? "fail" : "pass",
      reasons: reasonsOf(facts, config, disposition),
      headerFrom: dmarc.domain,
      envelopeFrom: sender.slice(sender.lastIndexOf("@") + 1),
      dkimResults: dkim
        .filter(({ domain }) => domain !== "")
        .map(({ domain, selector, result }) => ({ domain, selector, result })),
      // Of HELO nothing is told: DMARC does not look at it (RFC 9990 §3.1.1.12).
      spfResult:
        spf.identity === "mailfrom" ? { domain: spf.domain, result: spf.result } : undefined,
    },
  };
}

function dispositionOf(
  { result, policy }: SenderFacts["found"]["dmarc"],
  decision: SenderDecision,
): DmarcReportRow["disposition"] {
  if (decision.kind === "refuse" || decision.kind === "discard") return "reject";
  if (decision.kind === "quarantine") return "quarantine";
  return result === "pass" && policy !== "none" ? "pass" : "none";
}

/** Why something else was done than the domain asks for. */
function reasonsOf(
  facts: SenderFacts,
  config: SenderIdConfig,
  disposition: DmarcReportRow["disposition"],
): DmarcReportRow["reasons"] {
  const { dmarc } = facts.found;
  const override = findOverride(config, facts);
  if (override !== undefined) return [{ type: override.type, comment: override.comment }];
  if (dmarc.result === "pass") {
    const isTouched = disposition === "reject" || disposition === "quarantine";
    return isTouched ? [{ type: "local_policy", comment: "refused for other reasons" }] : [];
  }
  const reasons: DmarcReportRow["reasons"][number][] = [];
  const record = parseDmarcRecord(dmarc.published?.record ?? "");
  if (record?.isTesting === true) reasons.push({ type: "policy_test_mode", comment: "t=y" });
  if (disposition !== dmarc.policy) {
    const comment = disposition === "none" ? "policies are not enforced here" : "our own policy";
    reasons.push({ type: "local_policy", comment });
  }
  return reasons;
}

/** What a report on the message tells its author's domain (RFC 9991): no recipient, no subject. */
export function messageFailure(
  { found, remoteAddress }: SenderFacts,
  about: { readonly results: string; readonly header: Uint8Array; readonly arrivalMs: number },
): MessageFailure {
  const { dmarc, dkim } = found;
  const own = dkim.find(
    ({ domain, result }) =>
      result !== "pass" && (domain === dmarc.domain || dmarc.domain.endsWith(`.${domain}`)),
  );
  const { arrivalMs, results, header } = about;
  return {
    ...{ domain: dmarc.domain, sourceIp: remoteAddress, arrivalMs, results },
    unaligned: (["dkim", "spf"] as const).filter((one) => dmarc.alignment[one] === undefined),
    signature: own && { domain: own.domain, selector: own.selector },
    fields: shownFields(header),
  };
}
