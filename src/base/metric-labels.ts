/** A label of a metric with the only values it ever has: no domain, address or name of a user. */
export interface Label {
  readonly name: string;
  readonly values: readonly string[];
}

/** What keeps mail in quarantine; as in the quarantine's own list. */
export const QUARANTINE_TYPE = {
  name: "type",
  values: [
    "Spam",
    "Bulk",
    "Phish",
    "HighConfPhish",
    "Malware",
    "FileTypeBlock",
    "TransportRule",
    "Dmarc",
    "Policy",
    "Moderation",
    "RecipientModeration",
  ],
} as const satisfies Label;

/** Classes of enhanced status codes (RFC 3463). */
export const FAILURE_STATUS = {
  name: "status",
  values: [
    "5.1.1",
    "5.1.x",
    "5.2.2",
    "5.2.x",
    "5.3.4",
    "5.3.x",
    "5.4.6",
    "5.4.x",
    "5.5.x",
    "5.6.x",
    "5.7.1",
    "5.7.x",
    "expired",
    "other",
  ],
} as const satisfies Label;

/** What each method of authentication may come to. */
export const AUTHENTICATION_RESULT = {
  name: "result",
  values: [
    "spf_pass",
    "spf_fail",
    "spf_none",
    "spf_error",
    "dkim_pass",
    "dkim_fail",
    "dkim_none",
    "dkim_error",
    "dmarc_pass",
    "dmarc_fail",
    "dmarc_none",
    "dmarc_error",
  ],
} as const satisfies Label;
