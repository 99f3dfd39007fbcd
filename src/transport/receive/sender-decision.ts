import { parseHostName } from "../../dns/host-name.ts";
import { type Address, addressKey, type Domain, parseDomain } from "../../mail/address.ts";
import { ipAddressNumber, parseIpAddress } from "../../mail/address-literal.ts";
import type { AuthorSuspicion } from "../../mailauth/author-suspicion.ts";
import type { DmarcResult, SenderAuthentication } from "../../mailauth/sender-authentication.ts";
import type { SenderAuthenticationSettings } from "../../org/sender-authentication-settings.ts";
import type { AuthorAction, SenderIdAction, SenderIdConfig } from "../../org/sender-id-config.ts";
import type { Reply } from "../../smtp/reply.ts";

/** Why mail that fails DMARC is let in all the same, in the words of reports (RFC 9990). */
export interface DmarcOverride {
  readonly type: "local_policy" | "trusted_forwarder";
  /** Which exemption, or whose seal. */
  readonly comment: string;
}

/** What is known of a message when it is decided. */
export interface SenderFacts {
  readonly found: SenderAuthentication;
  readonly suspicions: readonly AuthorSuspicion[];
  readonly remoteAddress: string;
  /** Envelope sender, `""` for the null one. */
  readonly sender: Address | "";
  readonly recipients: readonly Address[];
}

/** What becomes of the message, and why: `reason` is one word for the agent log. */
export type SenderDecision =
  | { readonly kind: "accept" }
  | { readonly kind: "refuse"; readonly reply: Reply; readonly reason: string }
  | { readonly kind: "discard"; readonly reason: string }
  | {
      readonly kind: "quarantine";
      readonly type: "Dmarc" | "Policy";
      readonly reason: string;
    };

const ACCEPT: SenderDecision = { kind: "accept" };

/**
 * What the settings say of a message whose sender has been looked at. Pure. The first that does
 * not accept has it: the client's name, SPF, the author, DMARC; a refusal goes before a quarantine.
 */
export function decideSender(
  settings: {
    readonly connector: SenderAuthenticationSettings;
    readonly config: SenderIdConfig;
  },
  facts: SenderFacts,
): SenderDecision {
  const { connector, config } = settings;
  const { iprev, dmarc } = facts.found;
  const hasNoName = iprev.result === "fail" || iprev.result === "permerror";
  if (connector.rejectOnMissingPtr && hasNoName) {
    return { kind: "refuse", reply: NO_NAME, reason: "MissingPtr" };
  }
  const decisions = [
    decideSpf(config, facts),
    decideAuthor(config, facts.suspicions),
    findOverride(config, facts) === undefined ? decideDmarc(connector, dmarc) : ACCEPT,
  ];
  return (
    decisions.find(({ kind }) => kind === "refuse" || kind === "discard") ??
    decisions.find(({ kind }) => kind === "quarantine") ??
    ACCEPT
  );
}

function decideSpf(config: SenderIdConfig, { found, sender, recipients }: SenderFacts) {
  const { result } = found.spf;
  const action: SenderIdAction =
    result === "fail"
      ? config.spoofedDomainAction
      : result === "temperror"
        ? config.tempErrorAction
        : "StampStatus";
  if (action === "StampStatus") return ACCEPT;
  const domain = parseDomain(sender.slice(sender.lastIndexOf("@") + 1));
  if (domain !== undefined && config.bypassedSenderDomains.includes(domain)) return ACCEPT;
  const bypassed = new Set(config.bypassedRecipients.map(addressKey));
  if (bypassed.size > 0 && recipients.every((one) => bypassed.has(addressKey(one)))) return ACCEPT;
  const reason = result === "fail" ? "SpfFail" : "SpfTempError";
  if (action === "Delete") return { kind: "discard", reason } as const;
  const reply = result === "fail" ? SPF_FAIL : SPF_TEMP_ERROR;
  return { kind: "refuse", reply, reason } as const;
}

function decideAuthor(
  config: SenderIdConfig,
  suspicions: readonly AuthorSuspicion[],
): SenderDecision {
  const acted = suspicions.map((suspicion) => ({
    suspicion,
    action: actionFor(config, suspicion),
  }));
  const refused = acted.find(({ action }) => action === "Reject");
  if (refused !== undefined) {
    return { kind: "refuse", reply: DOUBTFUL_AUTHOR, reason: refused.suspicion };
  }
  const held = acted.find(({ action }) => action === "Quarantine");
  if (held === undefined) return ACCEPT;
  return { kind: "quarantine", type: "Policy", reason: held.suspicion };
}

function actionFor(config: SenderIdConfig, suspicion: AuthorSuspicion): AuthorAction {
  switch (suspicion) {
    case "MissingFrom":
      return config.missingFromAction;
    case "AddressInName":
    case "ProtectedName":
      return config.displayNameAction;
    case "MultipleFromFields":
    case "MultipleFromAddresses":
    case "AmbiguousFrom":
      return config.multipleFromAction;
  }
}

/** Of these, those that the settings want to have written down. */
export function stampedSuspicions(
  config: SenderIdConfig,
  suspicions: readonly AuthorSuspicion[],
): readonly AuthorSuspicion[] {
  return suspicions.filter((one) => actionFor(config, one) !== "None");
}

function decideDmarc(
  { dmarcAction }: SenderAuthenticationSettings,
  dmarc: DmarcResult,
): SenderDecision {
  if (dmarcAction === "None") return ACCEPT;
  const held = { kind: "quarantine", type: "Dmarc" } as const;
  if (dmarc.hasSeveralFrom) {
    const reason = "SeveralFromFields";
    if (dmarcAction === "Quarantine") return { ...held, reason };
    return { kind: "refuse", reply: SEVERAL_FROM, reason };
  }
  if (dmarc.result !== "fail" || dmarc.policy === undefined || dmarc.policy === "none") {
    return ACCEPT;
  }
  if (dmarc.policy === "quarantine" || dmarcAction === "Quarantine") {
    return { ...held, reason: dmarc.policy === "reject" ? "DmarcReject" : "DmarcQuarantine" };
  }
  const domain = parseHostName(dmarc.domain) ?? "the author's domain";
  const text = `Mail that fails the DMARC policy of ${domain} is not accepted`;
  return {
    kind: "refuse",
    reply: { code: 550, status: "5.7.1", lines: [text] },
    reason: "DmarcReject",
  };
}

/**
 * Why a failure of DMARC counts for nothing: an exemption, or somebody trusted who has seen it
 * pass. A chain counts as far as those who sealed it last are trusted without a gap: behind
 * anybody else, the message may have been another one.
 */
export function findOverride(
  { dmarcExemptions, arcTrustedSealers }: SenderIdConfig,
  { found, remoteAddress }: Pick<SenderFacts, "found" | "remoteAddress">,
): DmarcOverride | undefined {
  const { dmarc, arc } = found;
  if (dmarc.result !== "fail") return undefined;
  const author = parseDomain(dmarc.domain);
  const client = parseIpAddress(remoteAddress);
  const number = client === undefined ? undefined : ipAddressNumber(client);
  for (const exemption of dmarcExemptions) {
    if (exemption.kind === "domain") {
      if (author !== undefined && isWithin(author, exemption.domain)) {
        return { type: "local_policy", comment: exemption.domain };
      }
    } else if (number !== undefined) {
      const { first, last, text } = exemption.range;
      if (first <= number && number <= last) return { type: "local_policy", comment: text };
    }
  }
  if (arc.result !== "pass") return undefined;
  for (const { domain, dmarcPass } of arc.seals ?? []) {
    if (!arcTrustedSealers.some((trusted) => trusted === domain)) return undefined;
    if (dmarcPass) return { type: "trusted_forwarder", comment: `arc=pass d=${domain}` };
  }
  return undefined;
}

function isWithin(domain: Domain, parent: Domain): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

/** RFC 7372 §3.3 */
const NO_NAME: Reply = {
  code: 550,
  status: "5.7.25",
  lines: ["Your address has no name in DNS that leads back to it"],
};
/** RFC 7372 §3.2 */
const SPF_FAIL: Reply = {
  code: 550,
  status: "5.7.23",
  lines: ["The sender's domain does not allow your address to send for it (SPF)"],
};
/** RFC 7372 §3.2 */
const SPF_TEMP_ERROR: Reply = {
  code: 451,
  status: "4.7.24",
  lines: ["The sender's SPF record cannot be read just now; try again later"],
};
/** RFC 5322 §3.6 allows one. */
const SEVERAL_FROM: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["Messages with several From fields cannot be checked by DMARC"],
};
const DOUBTFUL_AUTHOR: Reply = {
  code: 550,
  status: "5.7.1",
  lines: ["The author in From is missing, not clear, or seems to be somebody else"],
};
