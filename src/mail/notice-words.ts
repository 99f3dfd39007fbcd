import type { NoticeKind } from "./notice-decision.ts";

/** Languages that notices can be written in. */
export type NoticeLanguage = "en";

/** Who can put right what went wrong. */
export type Owner = "you" | "recipient" | "recipientAdmin" | "serverAdmin" | "nobody";

/** Plain words for one enhanced status code. Sentences, no mark-up. */
export interface Reason {
  /** What happened. */
  readonly what: string;
  /** What the reader can do once delivery has failed. */
  readonly advice: string;
  readonly owner: Owner;
}

/** All words of a notice in one language; `{server}`, `{until}` and `{count}` are filled in. */
export interface NoticeTexts {
  readonly kinds: Readonly<
    Record<
      NoticeKind,
      {
        /** In front of the original subject, colon and space included (reference §6.1). */
        readonly subjectPrefix: string;
        readonly heading: string;
        /** Stands above the recipients. */
        readonly intro: string;
        /** Stands below them; "" = nothing. */
        readonly outro: string;
      }
    >
  >;
  readonly owners: Readonly<Record<Owner, string>>;
  readonly labels: Readonly<
    Record<
      | "subject"
      | "sent"
      | "advice"
      | "owner"
      | "saidBy"
      | "more"
      | "diagnostics"
      | "generating"
      | "remote"
      | "status"
      | "response"
      | "attempted"
      | "until"
      | "headers"
      | "noSubject",
      string
    >
  >;
  /** By code (`4.4.7`), code without its class (`1.1`), subject (`1`), or `""` for the rest. */
  readonly reasons: Readonly<Record<string, Reason>>;
}
