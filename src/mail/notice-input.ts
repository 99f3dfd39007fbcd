import type { CustomText } from "./custom-text.ts";
import type { BodyType, OriginalRecipient } from "./envelope.ts";
import type { NoticeKind } from "./notice-decision.ts";
import type { NoticeLanguage } from "./notice-words.ts";

/** One recipient that a notice tells of. */
export interface NoticeRecipient {
  /** Where the message was to go in the end. */
  readonly address: string;
  readonly originalRecipient: OriginalRecipient | undefined;
  /** Enhanced status code; anything else is shown as `5.0.0`, `4.0.0` or `2.0.0`. */
  readonly status: string;
  /** Verbatim reply with its code, or our own words in that form; `""` when there is none. */
  readonly diagnostic: string;
  /** The host whose words they are, or that took the message; unset when they are ours. */
  readonly hop: { readonly name: string; readonly address: string } | undefined;
  readonly lastAttemptMs: number | undefined;
  /** For `delayed`: when we give up. */
  readonly retryUntilMs: number | undefined;
}

/** What a notice is about and how it is to be written. Texts from outside may hold anything. */
export interface NoticeInput {
  readonly kind: NoticeKind;
  readonly recipients: readonly NoticeRecipient[];
  /** Name of this server. */
  readonly reportingMta: string;
  readonly from: { readonly name: string; readonly address: string };
  /** Reverse-path of the original, the notice's recipient; never the null one. */
  readonly sender: string;
  readonly envid: string | undefined;
  readonly ret: "FULL" | "HDRS" | undefined;
  readonly arrivalMs: number;
  readonly original: {
    readonly subject: string;
    /** With angle brackets, `""` when there is none. */
    readonly internetMessageId: string;
    readonly smtpUtf8: boolean;
    readonly body: BodyType;
    /** Bytes of the header as it was received, its empty line or not. */
    readonly header: Uint8Array;
    /** The whole content, header included; `undefined` when only the header is to be returned. */
    readonly content: readonly Uint8Array[] | undefined;
  };
  /** What administrators have written for a status, in place of our own words. */
  readonly customTexts?: ReadonlyMap<string, CustomText>;
  /** Whether the human part has what is for administrators; `undefined`: it has. */
  readonly diagnostics?: "shown" | "withheld";
  /** Whether the human part has an HTML form beside its text. */
  readonly html: boolean;
  readonly language: NoticeLanguage;
  readonly nowMs: number;
  /** New Message-ID with its angle brackets. */
  readonly internetMessageId: string;
  /** Fresh random letters and digits, which no sender can guess: the boundaries are made of it. */
  readonly boundaryKey: string;
}
