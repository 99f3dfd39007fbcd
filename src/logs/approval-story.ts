import type { TrackingRecord } from "./tracking-record.ts";

/** What a moderator has decided, and why, in a line of the log. */
const DECIDED = /^(?:Approve|Deny)-ModeratedMessage;by=(.*?)(?:;comment=(.*))?$/s;

type Tell = (record: TrackingRecord, whom: string) => string;

/** Sentences about mail that waits for somebody to approve it, by event. */
export const APPROVAL_SENTENCES: Readonly<Record<string, Tell>> = {
  INITMESSAGECREATED: ({ sourceContext, customData }, whom) => {
    const isForRecipient = customData.includes("S:Quarantine=RecipientModeration");
    const why = isForRecipient ? "the moderators of" : "by the rule";
    const about = sourceContext === "" ? "" : ` (${why} ${sourceContext})`;
    return `It was held back for ${whom} until somebody approves it${about}.`;
  },
  MODERATORAPPROVE: ({ sourceContext }, whom) => {
    const { by, words } = decisionOf(sourceContext);
    return `${by} approved it for ${whom}${words}.`;
  },
  MODERATORREJECT: ({ sourceContext }, whom) => {
    const { by, words } = decisionOf(sourceContext);
    return `${by} rejected it for ${whom}${words}.`;
  },
  MODERATIONEXPIRE: (_record, whom) =>
    `Nobody had decided about it for ${whom} in time, and it was taken for rejected.`,
  MODERATORSALLNDR: (_record, whom) => `There is nobody who could approve it for ${whom}.`,
};

function decisionOf(sourceContext: string) {
  const [, by = "A moderator", comment] = DECIDED.exec(sourceContext) ?? [];
  return { by, words: comment === undefined ? "" : `: "${comment}"` };
}
