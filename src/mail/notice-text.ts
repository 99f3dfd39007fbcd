import { ENGLISH } from "./notice-text-en.ts";
import type { NoticeLanguage, NoticeTexts, Reason } from "./notice-words.ts";

const TEXTS: Readonly<Record<NoticeLanguage, NoticeTexts>> = { en: ENGLISH };

/** The words of a language. */
export function noticeTexts(language: NoticeLanguage): NoticeTexts {
  return TEXTS[language];
}

/** Why a code has the text it has. */
export type ReasonMatch = "code" | "subject" | "generic";

/**
 * Plain words for an enhanced status code (RFC 3463): those of the whole code, else those of the
 * code in any class, else those of its subject, else the general ones. Total: any text finds some.
 */
export function selectReason(
  status: string,
  language: NoticeLanguage,
): { readonly reason: Reason; readonly match: ReasonMatch } {
  const { reasons } = TEXTS[language];
  const [, subject = "", detail = ""] = /^[245]\.(\d{1,3})\.(\d{1,3})$/.exec(status) ?? [];
  const exact = lookUp(reasons, status) ?? lookUp(reasons, `${subject}.${detail}`);
  if (exact !== undefined) return { reason: exact, match: "code" };
  const general = lookUp(reasons, subject);
  if (subject !== "" && general !== undefined) return { reason: general, match: "subject" };
  return { reason: reasons[""] ?? NO_WORDS, match: "generic" };
}

function lookUp(reasons: Readonly<Record<string, Reason>>, key: string): Reason | undefined {
  return key !== "" && Object.hasOwn(reasons, key) ? reasons[key] : undefined;
}

/** A language without a general text; the tests see to it that there is none. */
const NO_WORDS: Reason = { what: "", advice: "", owner: "nobody" };
