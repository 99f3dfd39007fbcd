import { plural, textsOf } from "../../base/texts.ts";
import type { SearchKind } from "./search-text.ts";
import type { Range, StatusFilter } from "./trace-search.ts";

const KINDS: Readonly<Record<SearchKind, string>> = {
  address: "Address of sender or recipient",
  sender: "Sender",
  recipient: "Recipient",
  domain: "Domain of sender or recipient",
  messageId: "Message-ID",
  traceId: "Trace id",
  number: "Number on this server",
  ip: "IP address of client or next hop",
  subject: "Part of the subject",
  several: "Addresses and words of the subject",
};

const RANGES: Readonly<Record<Range, string>> = {
  "1h": "Last hour",
  "4h": "Last 4 hours",
  "24h": "Last 24 hours",
  "48h": "Last 48 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  all: "All that the log has",
  custom: "From … to …",
};

const STATUS_FILTERS: Readonly<Record<StatusFilter, string>> = {
  NotDelivered: "Not delivered",
  Failed: "Failed",
  Pending: "Pending",
  Quarantined: "Quarantined",
  FilteredAsSpam: "Filtered as spam",
  Delivered: "Delivered",
  Expanded: "Expanded",
};

const EVENTS: Readonly<Record<string, string>> = {
  Receive: "Received",
  Send: "Sent",
  Deliver: "Delivered",
  Fail: "Failed",
  Defer: "Put off",
  Expand: "Group expanded",
  Resolve: "Address resolved",
  Redirect: "Redirected",
  Note: "Rules and agents",
  Transfer: "Copy made",
  Notice: "Sender told",
  Approval: "Approval",
  Drop: "Dropped",
  Poison: "Set aside",
  Load: "Read at a start",
  Submit: "Submitted again",
  Wait: "Waits",
};

const en = {
  views: "Views of the message",
  area: "Message trace",
  title: "Message trace",
  about:
    "Where is that message? Addresses, ids, domains, IP addresses and subjects are understood, " +
    "and several together: invoice alice@contoso.com @fabrikam.com.",
  words: "find message tracking where is mail",
  searchLabel: "Search",
  searchHint: "alice@contoso.com, <id@host>, contoso.com, 192.0.2.7, words of a subject…",
  lookFor: "Search by",
  automatic: (kind: SearchKind | undefined) =>
    kind === undefined ? "All mail" : `${KINDS[kind]} (recognised)`,
  kind: (kind: SearchKind) => KINDS[kind],
  range: "Received",
  rangeName: (range: Range) => RANGES[range],
  from: "From",
  to: "To",
  status: "Status",
  anyStatus: "Any status",
  statusFilter: (filter: StatusFilter) => STATUS_FILTERS[filter],
  statusName: (status: string) =>
    Object.entries(STATUS_FILTERS).find(([name]) => name === status)?.[1] ??
    (status === "GettingStatus" ? "Getting status" : status),
  search: "Search",
  noSubjects:
    "Your role groups see no subjects, so that they cannot be searched. Search for an address, a " +
    "domain, an IP address or a Message-ID.",
  beginTitle: "Which message?",
  beginHint:
    "Paste whatever you have: an address, a line of a header, a domain, an IP address, words of " +
    "the subject. What it was taken for is shown, and can be changed.",
  lastHour: "Show all mail of the last hour",
  nothingTitle: "No message is like that",
  nothingHint: (range: string) =>
    `Nothing was found in "${range}". Take a longer time, another status, or change what is ` +
    "searched by.",
  refusedHint: "A message that was refused never came in. Its session was recorded:",
  recordings: "Session recordings",
  wholeLog: "Search the whole log",
  searching: "Searching the log",
  found: (messages: number, recipients: number) =>
    `${plural(messages, "message", "messages")}, ${plural(recipients, "recipient", "recipients")}`,
  foundSoFar: (messages: number) => `${plural(messages, "message", "messages")} so far`,
  cancelledTitle: "The search was cancelled",
  cancelledHint: "These are the newest of the messages that it would have found.",
  exportCsv: "Export as CSV",
  again: "Search again",
  received: "Received",
  sender: "Sender",
  recipients: "Recipients",
  subject: "Subject",
  size: "Size",
  moreRecipients: (count: number) => `+${count}`,
  results: "Messages found",
  message: (sender: string, received: string) => `Message from ${sender}, ${received}`,
  // One message
  back: "Back to the search",
  goneTitle: "The log does not have that message",
  goneHint:
    "It may be older than the log, or have gone through another server. The search finds what is " +
    "there.",
  chooseRecipient: "Choose a recipient to see only that story.",
  showAll: "Show the story of all recipients",
  showRest: (count: number) => `Show ${plural(count, "more line", "more lines")}`,
  lastEvent: "Last event",
  noSubject: "(no subject)",
  share: "Share",
  refresh: "Refresh",
  story: "Story",
  why: "Why",
  now: "What would happen now",
  said: "What was said",
  headers: "Headers",
  events: "All events",
  facts: "Message",
  recipient: "Recipient",
  allRecipients: "All recipients",
  recipientFilter: "Whose story",
  via: (addresses: string) => `through ${addresses}`,
  eventName: (event: string) => EVENTS[event] ?? event,
  later: (span: string) => `${span} later`,
  atOnce: "at once",
  earlier: (span: string) => `${span} earlier`,
  response: "It said",
  answer: "Answer",
  host: "Host",
  connector: "Connector",
  nextRetry: (when: string, ago: string) => `Next try: ${when} (${ago})`,
  openQueue: "Open it in its queue",
  openMessage: (number: number) => `Message ${number} in its queue`,
  troubleshoot: "Test the way to its domain",
  storyEmptyTitle: "The log tells nothing about this one",
  storyEmptyHint: "Choose another recipient, or all of them.",
  explainAbout:
    "What has happened, why it waits and until when, and what would be decided by the " +
    "configuration in force now.",
  explain: "Explain",
  explaining: "Explaining",
  routeAbout:
    "The same message, sent again now: which connector would take it, which way it would go, and " +
    "why. Nothing is sent.",
  route: "Work it out",
  routing: "Working it out",
  routeFrom: "From",
  routeTo: "To",
  routeClient: "From the client address",
  decisions: "Decisions",
  steps: (count: number) => plural(count, "step", "steps"),
  saidAbout:
    "Sessions with the hosts of this story, around its times. Every session that ended in an " +
    "error is recorded; the others are in the protocol log where a connector keeps one.",
  noHosts: "No other host has had to do with it yet.",
  sessionsOf: (host: string) => `Sessions with ${host}`,
  noSessions: "No session with it was kept.",
  noSessionsHint:
    "Set ProtocolLoggingLevel of the connector to Verbose to keep all that is said from now on.",
  recording: (reason: string) => `Recorded: ${reason}`,
  protocolLog: "Protocol log",
  saidBy: (event: string) =>
    ({ "+": "connected", "-": "ended", ">": "we", "<": "they", "*": "note" })[event] ?? event,
  eventsAbout: "The events of the message tracking log, as they are.",
  event: "Event",
  source: "Source",
  time: "Time",
  context: "Context",
  // Share
  shareTitle: "Share this story",
  shareAbout:
    "A link to this story as it is when it is opened. It never shows a subject. Under Shared " +
    "links it can be called back.",
  shareWho: "Who may open it",
  shareSignedIn: "Whoever has an account here",
  shareAnyone: "Anyone who has the link",
  shareAnyoneHint: "It shows addresses and the words of other servers to whoever has it.",
  shareWhat: "What it shows",
  shareWhole: "The whole message, all recipients",
  shareOnly: (recipient: string) => `Only what concerns ${recipient}`,
  shareFor: "It is good for",
  shareHour: "1 hour",
  shareDay: "1 day",
  shareWeek: "7 days",
  shareMonth: "30 days",
  shareMake: "Make the link",
  shareLink: "The link",
  shareUntil: (when: string) => `It is good until ${when}.`,
  // Shared links
  links: "Shared links",
  linksWords: "share story revoke call back anonymous",
  linksAbout: "Links to stories of messages that are good now. Called back, they show nothing.",
  linkMessage: "Message",
  linkBy: "Made by",
  linkUntil: "Good until",
  linkNamed: (message: string, by: string) => `Link of ${by} to ${message}`,
  linksChosen: (count: number) => `${plural(count, "link", "links")} chosen`,
  linkRemove: "Call back",
  noLink: "No story is shared",
  noLinkHint: "Share, on the page of a message, makes a link.",
  copy: "Copy",
  copied: "Copied",
  close: "Close",
  // Headers
  headersTitle: "Header viewer",
  headersAbout:
    "The way of a message by its header: each server that took it, and how long it took. Nothing " +
    "that is pasted here leaves the browser.",
  headersWords: "received hops delays analyse header",
  headersLabel: "Header",
  headersHint: "Paste the header of a message here",
  headersEmptyTitle: "No header yet",
  headersEmptyHint:
    "Mail programs show it as Internet headers, Show original or Show source. Paste all of it.",
  headersNone: "There is no field of a header in that",
  headersOwn: "Its own header, out of its queue.",
  headersOwnQuarantine: "Its own header, out of the quarantine.",
  headersGone:
    "The message has left this server, and with it its header. Paste one from where it arrived.",
  headersShow: "Show its header",
  headersPaste: "Paste one",
  headersTruncated: "The header is longer than what is shown.",
  hops: "Way",
  hopsNone: "It has no Received field: it has gone through no server yet, or they were taken out.",
  written: "Written",
  hopFrom: "from",
  hopBy: "Taken by",
  hopWith: "with",
  hopSecured: "TLS",
  hopPlain: "not encrypted",
  hopUndated: "no date that can be read",
  hopTotal: (span: string) => `It took ${span} in all.`,
  hopSlow: "the longest wait",
  hopSkewed: "the clocks of the two servers differ",
  checks: "Sender checks",
  check: (method: string, result: string, by: string) => `${method}: ${result}, says ${by}`,
  fields: (count: number) => `All ${plural(count, "field", "fields")}`,
};

/** Texts of the message trace. */
export const texts = textsOf("trace", en);
