import type { Address } from "../mail/address.ts";
import { type AuthorSuspicion, suspectAuthor } from "../mailauth/author-suspicion.ts";
import { type MessageAuthor, readAuthor } from "../mailauth/message-author.ts";
import type { SenderAuthentication } from "../mailauth/sender-authentication.ts";
import type { Organization } from "../org/organization.ts";
import {
  type DmarcOverride,
  decideSender,
  findOverride,
} from "../transport/receive/sender-decision.ts";
import { type CheckSender, ownPeople } from "../transport/receive/sender-id-agent.ts";
import { passIf, type Step, step } from "./step.ts";

/** A message, or only an envelope, as a stranger would bring it. */
export interface SenderInquiry {
  readonly clientAddress: string;
  readonly helo: string;
  readonly sender: Address | "";
  readonly recipients: readonly Address[];
  /** `undefined`: only SPF and the client's name are looked at. */
  readonly content: Uint8Array | undefined;
  /** Whose settings decide; `undefined`: the first receive connector that checks senders. */
  readonly connector: string | undefined;
}

/** What is found, and what would come of it. */
export interface SenderCheck {
  readonly found: SenderAuthentication;
  readonly author: MessageAuthor | undefined;
  readonly suspicions: readonly AuthorSuspicion[];
  readonly override: DmarcOverride | undefined;
  /** The receive connector that decides; `undefined`: none checks senders. */
  readonly connector: string | undefined;
  /** `accept`, `550 5.7.1 …`, `discard`, `quarantine`. */
  readonly decision: string;
  /** One word, "" when it is accepted. */
  readonly reason: string;
}

/** Checks as the Sender Id agent does, and says what it would do. Counts and keeps nothing. */
export async function* checkSender(
  inquiry: SenderInquiry,
  tools: { readonly organization: Organization; readonly checkSender: CheckSender },
): AsyncGenerator<SenderCheck> {
  const { organization } = tools;
  const { clientAddress, helo, sender, content, recipients } = inquiry;
  const question = { clientAddress, helo, sender, serverName: organization.server.fqdn };
  const found = await tools.checkSender(
    question,
    content && { bytes: content.length, read: async () => [content] },
  );
  const author = content && readAuthor(content);
  const suspicions = author === undefined ? [] : suspectAuthor(author, ownPeople(organization));
  const { senderIdConfig: config, receiveConnectors } = organization;
  const facts = { found, suspicions, remoteAddress: clientAddress, sender, recipients };
  const connector = receiveConnectors.find(({ name, senderAuthenticationEnabled }) =>
    inquiry.connector === undefined ? senderAuthenticationEnabled : name === inquiry.connector,
  );
  const isChecked = connector?.senderAuthenticationEnabled === true;
  const decided = isChecked ? decideSender({ connector, config }, facts) : undefined;
  const reply = decided?.kind === "refuse" ? decided.reply : undefined;
  yield {
    found,
    author,
    suspicions,
    override: findOverride(config, facts),
    connector: isChecked ? connector.name : undefined,
    decision: reply
      ? `${reply.code} ${reply.status} ${reply.lines.join(" ")}`
      : (decided?.kind ?? "accept"),
    reason: decided === undefined || decided.kind === "accept" ? "" : decided.reason,
  };
}

/** A check in steps, for who reads it. Pure. */
export function senderSteps(check: SenderCheck): readonly Step[] {
  const { found, author, suspicions, override, connector } = check;
  const { spf, dkim, arc, dmarc, iprev } = found;
  const result = (text: string) =>
    text === "pass" ? "Pass" : text === "fail" || text === "permerror" ? "Fail" : "Warning";
  const steps: Step[] = [
    step(0, "Client's name (iprev)", {
      verdict: result(iprev.result),
      decision: iprev.result,
      why: iprev.name ?? "no name leads back to the address",
    }),
    step(0, "SPF", { verdict: result(spf.result), decision: spf.result, why: spf.domain }),
  ];
  if (author !== undefined) {
    for (const { result: one, domain, selector, algorithm } of dkim) {
      const why = domain === "" ? "no signature" : `${domain}, ${algorithm}`;
      const source = domain === "" ? "" : `${selector}._domainkey.${domain}`;
      steps.push(step(0, "DKIM", { verdict: result(one), decision: one, why, source }));
    }
    const seals = (arc.seals ?? []).map(({ domain }) => domain).join(", ");
    steps.push(step(0, "ARC", { decision: arc.result, why: seals }));
    const by = [dmarc.alignment.dkim && "DKIM", dmarc.alignment.spf && "SPF"].filter(Boolean);
    steps.push(
      step(0, "DMARC", {
        verdict: result(dmarc.result),
        decision: dmarc.result,
        why: by.length > 0 ? `${by.join(" and ")} for ${dmarc.domain}` : dmarc.domain,
        source: dmarc.published
          ? `_dmarc.${dmarc.published.domain}: ${dmarc.published.record}`
          : "no record",
      }),
      step(0, "Author", {
        verdict: passIf(suspicions.length === 0),
        decision: author.addresses.join(", ") || "none",
        why: suspicions.join(", ") || "clear to every reader",
      }),
    );
  }
  if (override !== undefined) {
    const setting = override.type === "local_policy" ? "dmarcExemptions" : "arcTrustedSealers";
    steps.push(
      step(0, "DMARC's failure passed over", {
        verdict: "Warning",
        decision: override.type,
        why: override.comment,
        source: `Sender ID configuration: ${setting}`,
      }),
    );
  }
  steps.push(
    step(0, "Result", {
      verdict: passIf(check.decision === "accept"),
      decision: check.decision,
      why: check.reason,
      source:
        connector === undefined
          ? "no receive connector checks senders (senderAuthenticationEnabled)"
          : `receive connector ${connector}, Sender ID configuration`,
    }),
  );
  return steps;
}
