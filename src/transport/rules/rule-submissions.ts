import type { Address } from "../../mail/address.ts";
import { formatDate } from "../../mail/date.ts";
import type { TransportRule } from "../../org/transport-rule.ts";
import type { AgentSubmission } from "../agents/routing-agent.ts";
import { listRecipients, type Original, readOriginal } from "../moderation/original.ts";
import { oneLine, shownSubject } from "../moderation/own-mail.ts";
import { fieldsOf, type Sight, subjectOf } from "./message-copy.ts";
import { FAULT, type RuleField, type RuleRecipient } from "./rule-facts.ts";
import { composeRuleMail, escapeHtml, fillTokens, isHtml } from "./rule-mail.ts";

/** A rule that holds for some recipients of a message. */
export interface RuleHit {
  readonly rule: TransportRule;
  readonly recipients: readonly RuleRecipient[];
  readonly sight: Sight;
}

const RECIPIENTS_SHOWN_MAX = 1000;
/** Characters of header that a notification shows. */
const HEADERS_MAX = 64 * 1024;

/** The mails that a hit sends: those of its actions that its mode lets go out. */
export async function submissionsOf(
  hit: RuleHit,
  original: Original,
): Promise<readonly AgentSubmission[]> {
  const { rule } = hit;
  const isNotifying = rule.mode !== "Audit";
  const submissions: AgentSubmission[] = [];
  if (rule.generateIncidentReport !== undefined) {
    submissions.push(await incidentReport(hit, rule.generateIncidentReport, original));
  }
  if (isNotifying && rule.generateNotification !== undefined) {
    submissions.push(notification(hit, rule.generateNotification));
  }
  if (isNotifying && rule.notifySender === "NotifyOnly") {
    submissions.push(...senderNotice(hit));
  }
  return submissions;
}

function at({ facts }: Sight) {
  return { organization: facts.organization, nowMs: facts.nowMs };
}

function fields(sight: Sight): readonly RuleField[] {
  const found = fieldsOf(sight);
  return found === undefined || found === FAULT ? [] : found;
}

function valueFor(sight: Sight, name: string): string {
  return oneLine(fields(sight).find((field) => field.name === name)?.value ?? "");
}

function subjectText(sight: Sight): string {
  const subject = subjectOf(sight);
  return subject === undefined || subject === FAULT ? "" : shownSubject(subject);
}

/** What the recipients are told of the message (reference §10.3). */
function notification({ rule, recipients, sight }: RuleHit, text: string): AgentSubmission {
  const kind = isHtml(text) ? "html" : "plain";
  const tokens: Readonly<Record<string, () => string>> = {
    from: () => valueFor(sight, "from"),
    to: () => valueFor(sight, "to"),
    cc: () => valueFor(sight, "cc"),
    subject: () => subjectText(sight),
    headers: () =>
      fields(sight)
        .map(({ name, value }) => `${name}: ${oneLine(value)}`)
        .join("\n")
        .slice(0, HEADERS_MAX),
    messagedate: () => valueFor(sight, "date") || formatDate(sight.facts.nowMs, "utc"),
  };
  const filled = fillTokens(text, (name) => {
    const value = Object.hasOwn(tokens, name) ? (tokens[name]?.() ?? "") : "";
    return kind === "html" ? escapeHtml(value) : value;
  });
  const to = recipients.map(({ address }) => address);
  const subject = `Notice about: ${subjectText(sight)}`;
  // Nobody learns from it who else got the message.
  const mail = { to: ["undisclosed-recipients:;"], subject, body: { kind, text: filled } } as const;
  return submission(
    rule,
    { to, subject, content: composeRuleMail(mail, at(sight)) },
    "Notification",
  );
}

/**
 * The sender is told that the rule has held, and what it is for; only one of ours, who has proved
 * it: a stranger may be somebody else, and the organization's rules are not his.
 */
function senderNotice({ rule, sight }: RuleHit): readonly AgentSubmission[] {
  const { sender, isInternal } = sight.facts;
  if (sender === "" || !isInternal) return [];
  const subject = `Policy notice about: ${subjectText(sight)}`;
  const text =
    `Your message "${subjectText(sight)}" comes under a rule of your organization:\n\n` +
    `${rule.comments === "" ? rule.name : rule.comments}\n\nThe message was not held back.\n`;
  const content = composeRuleMail(
    { to: [sender], subject, body: { kind: "plain", text } },
    at(sight),
  );
  return [submission(rule, { to: [sender], subject, content }, "NotifySender")];
}

async function incidentReport(
  { rule, recipients, sight }: RuleHit,
  to: Address,
  attached: Original,
): Promise<AgentSubmission> {
  const wanted = new Set<string>(rule.incidentReportContent);
  const { facts } = sight;
  const listed = new Set(recipients.map(({ address }) => address.toLowerCase()));
  const inHeader = `${valueFor(sight, "to")}, ${valueFor(sight, "cc")}`.toLowerCase();
  const hidden = [...listed]
    .slice(0, RECIPIENTS_SHOWN_MAX)
    .filter((address) => !inHeader.includes(address));
  const rows: readonly (readonly [content: string, line: string])[] = [
    ["Sender", `Sender: ${facts.sender === "" ? "<>" : facts.sender}`],
    ["Sender", `From: ${valueFor(sight, "from")}`],
    ["Recipients", `Recipients: ${listRecipients(recipients)}`],
    ["Cc", `Cc: ${valueFor(sight, "cc")}`],
    ["Bcc", `Bcc: ${hidden.join(", ")}`],
    ["Subject", `Subject: ${subjectText(sight)}`],
    ["Severity", `Severity: ${rule.setAuditSeverity ?? "Low"}`],
    ["RuleDetections", `Rule: ${rule.name}`],
    ["RuleDetections", `Mode: ${rule.mode}`],
  ];
  const lines = rows.filter(([name]) => wanted.has(name)).map(([, line]) => line);
  const text = [`A mail flow rule holds for a message.`, "", ...lines, ""].join("\n");
  const subject = `Incident report: ${rule.name}`;
  const original = wanted.has("AttachOriginalMail") ? await readOriginal(attached) : undefined;
  const mail = {
    to: [to],
    subject,
    body: { kind: "plain", text },
    ...(original && { original }),
  } as const;
  return submission(
    rule,
    { to: [to], subject, content: composeRuleMail(mail, at(sight)) },
    "IncidentReport",
  );
}

function submission(
  rule: TransportRule,
  mail: {
    readonly to: readonly Address[];
    readonly subject: string;
    readonly content: readonly Uint8Array[];
  },
  purpose: string,
): AgentSubmission {
  const { to, subject, content } = mail;
  const named = `${purpose}: ${rule.name}`;
  return { sender: "", recipients: to, content, subject, purpose: named };
}
