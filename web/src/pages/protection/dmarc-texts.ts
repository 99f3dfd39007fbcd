import { plural, textsOf } from "../../base/texts.ts";

const en = {
  about:
    "Who sends mail in the name of your domains, from the reports of those who have received it.",
  empty: "No reports in this time",
  emptyHint:
    "Let rua= in a domain's DMARC record name a mailbox here: reports are read as they are " +
    "delivered. Providers send one a day.",
  domain: "Domain",
  anyDomain: "All domains",
  time: "Time",
  week: "Last 7 days",
  month: "Last 30 days",
  quarter: "Last 90 days",
  year: "Last 365 days",
  onlyFailing: "Only sources that fail",
  source: "Source",
  from: "Says it is from",
  whose: "Whose",
  ours: "Ours",
  others: "Not ours",
  share: "Passed and failed",
  messages: "Messages",
  passed: "passed",
  failed: "failed",
  shareOf: (passed: string, failed: string) => `${passed} passed, ${failed} failed`,
  total: (count: number) => plural(count, "message", "messages"),
  summary: (share: string) => `${share} passed DMARC`,
  oursFailing: (count: number) => `${plural(count, "message", "messages")} of ours failed`,
  oursFailingHint: "They want a signature or a place in SPF: a stricter policy would hit them.",
  othersFailing: (count: number) => `${plural(count, "message", "messages")} of others failed`,
  othersFailingHint: "Somebody uses your name; a policy of quarantine or reject stops that.",
  adviceOursFails:
    "This is a server of yours, and some of its mail fails. See that it signs with DKIM for the " +
    "domain, or that SPF names its address.",
  adviceOursPasses: "This is a server of yours, and all of its mail passes.",
  adviceOthersPasses:
    "This is no server of yours, but it passes: a service that sends for you. Name it under " +
    "internal servers or as a source address if it is.",
  adviceOthersFails:
    "This is no server of yours, and its mail fails: a forwarder, a forgotten service, or " +
    "somebody who forges your name.",
};

/** Texts of DMARC reports. */
export const texts = textsOf("protection/dmarc", en);
