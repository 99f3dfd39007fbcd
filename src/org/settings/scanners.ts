import { MINUTE, SECOND } from "../../base/units.ts";
import { FILTER_SCOPE, REJECTION_CHARACTERS_MAX } from "./filter-scope.ts";
import { malwareScanner, milterMacro, milterMacroValue, scanEndpoint } from "./scanner-types.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import {
  address,
  bool,
  domain,
  integer,
  line,
  listOf,
  name,
  oneOf,
  Problem,
  parseDomainName,
  scalarType,
  span,
} from "./setting-types.ts";

/** Of one list of the content filter (reference §9.6). */
const BYPASSED_MAX = 100;

/** Set-MalwareFilterConfig (reference §9.10: policy and server in one) */
export const MALWARE_FILTER_CONFIG = {
  enabled: setting(bool(), "true", "Whether mail is scanned; without scanners none is."),
  scanners: setting(
    listOf(malwareScanner(), { max: 8 }),
    [],
    "Asked one after the other: clamd:/run/clamav/clamd.ctl, clamd:127.0.0.1:3310, or " +
      "icap://av.contoso.com:1344/avscan. What one of them finds is not for the others to clear.",
  ),
  action: setting(
    oneOf(["DeleteMessage", "Reject", "Quarantine"]),
    "Reject",
    "What becomes of a message with malware in it: accepted and thrown away, refused, or kept in " +
      "quarantine.",
  ),
  rejectionResponse: setting(
    line({ max: REJECTION_CHARACTERS_MAX }),
    "Message rejected because it contains malware",
    "What the client is told.",
  ),
  bypassInboundMessages: setting(bool(), "false", "Strangers' mail is not scanned."),
  bypassOutboundMessages: setting(
    bool(),
    "false",
    "Mail of those who have logged on, or may relay, is not scanned.",
  ),
  scanTimeout: setting(
    span({ min: 5 * SECOND, max: 9 * MINUTE }),
    "00:01:00",
    "How long one scanner may take; clients wait ten minutes at most.",
  ),
  scanErrorAction: setting(
    oneOf(["Block", "Allow"]),
    "Block",
    "When a scanner cannot be asked or cannot scan. Block: the agent's fail mode decides " +
      "(Set-TransportAgent; the client tries again later). Allow: the message goes on, marked.",
  ),
};

/** `*.example.com`, or a domain. */
function domainPattern(): SettingType<string> {
  return scalarType({
    label: "domain name, or *.domain",
    suffix: "",
    parse(text) {
      const parsed = parseDomainName(text.replace(/^\*\./, ""));
      if (parsed instanceof Problem) return parsed;
      return `${text.startsWith("*.") ? "*." : ""}${parsed}`;
    },
  });
}

const threshold = (initial: string, what: string) =>
  setting(integer({ min: 1, max: 9 }), initial, `From this spam confidence level on ${what}.`);

/** Set-ContentFilterConfig (reference §9.6) */
export const CONTENT_FILTER_CONFIG = {
  ...FILTER_SCOPE,
  enabled: setting(
    bool(),
    "false",
    "Whether mail is rated. Off until somebody has chosen who is to rate it.",
  ),
  source: setting(
    oneOf(["BuiltIn", "Rspamd", "SpamAssassin"]),
    "BuiltIn",
    "Who rates mail: our own rules, rspamd over HTTP, or spamd of SpamAssassin.",
  ),
  endpoint: nullable(
    scanEndpoint(),
    { text: "rspamd: 127.0.0.1:11333; spamd: 127.0.0.1:783" },
    "Where rspamd or spamd listens: host:port, or the path of a Unix socket.",
  ),
  scanTimeout: setting(
    span({ min: SECOND, max: 5 * MINUTE }),
    "00:00:30",
    "How long it may take. When it cannot be asked, the agent's fail mode decides.",
  ),
  sclScores: setting(
    listOf(integer({ min: 0, max: 100_000 }), { max: 9 }),
    [],
    "Nine rising scores, in hundredths, from which on mail has the spam confidence level 1 to 9. " +
      "Empty: rspamd 100, 200, 300, 400, 600, 900, 1500, 2200, 3000; SpamAssassin 100, 200, 300, " +
      "400, 500, 750, 1000, 1250, 1500; our own rules 100 to 900.",
  ),
  headersEnabled: setting(
    bool(),
    "true",
    "Whether the header fields that rspamd asks for are put in and taken out.",
  ),
  sclDeleteEnabled: setting(bool(), "false", "Whether there is a level at which mail is dropped."),
  sclDeleteThreshold: threshold("9", "mail is accepted and thrown away"),
  sclRejectEnabled: setting(bool(), "true", "Whether there is a level at which mail is refused."),
  sclRejectThreshold: threshold("7", "mail is refused"),
  sclQuarantineEnabled: setting(
    bool(),
    "false",
    "Whether there is a level at which mail is kept in quarantine.",
  ),
  sclQuarantineThreshold: threshold("9", "mail is kept in quarantine"),
  rejectionResponse: setting(
    line({ max: REJECTION_CHARACTERS_MAX }),
    "Message rejected due to content restrictions",
    "What the client is told.",
  ),
  bypassedRecipients: setting(
    listOf(address(), { max: BYPASSED_MAX }),
    [],
    "Mail that goes to nobody else is not rated.",
  ),
  bypassedSenders: setting(listOf(address(), { max: BYPASSED_MAX }), [], "In MAIL FROM."),
  bypassedSenderDomains: setting(
    listOf(domainPattern(), { max: BYPASSED_MAX }),
    [],
    "As bypassedSenders; *.example.com is example.com and all below it.",
  ),
  urlBlockLists: setting(
    listOf(domain(), { max: 8 }),
    [],
    "Lists in DNS of domains (RHSBL) that our own rules ask about links: dbl.example.org.",
  ),
};

/** Add-ContentFilterPhrase (reference §9.6) */
export const CONTENT_FILTER_PHRASE = {
  name: required(
    line({ max: 256 }),
    "The word or words, as a text has them; case does not matter, any gap stands for a space.",
  ),
  influence: setting(
    oneOf(["GoodWord", "BadWord"]),
    "BadWord",
    "GoodWord: spam confidence level 0 whatever else is found. BadWord: level 9.",
  ),
};

/** New-Milter: ours, Exchange has none. */
export const MILTER = {
  name: required(name(), "The name by which logs call it."),
  enabled: setting(bool(), "true", "Whether it is asked."),
  endpoint: required(scanEndpoint(), "Where it listens: host:port, or the path of a Unix socket."),
  priority: setting(
    integer({ min: 1, max: 1000 }),
    "100",
    "The lower number is asked first, and later ones see what it has changed.",
  ),
  connectors: setting(
    listOf(name(), { max: 100 }),
    [],
    "Receive connectors whose sessions it hears of. Empty: all.",
  ),
  failMode: setting(
    oneOf(["Defer", "Accept", "Reject", "Quarantine"]),
    "Defer",
    "When it cannot be asked (milter_default_action of Postfix): the client is to come again " +
      "(451), the message goes on without it, is refused (550), or is kept in quarantine.",
  ),
  connectTimeout: setting(
    span({ min: SECOND, max: 5 * MINUTE }),
    "00:00:30",
    "For connecting to it.",
  ),
  commandTimeout: setting(
    span({ min: SECOND, max: 5 * MINUTE }),
    "00:00:30",
    "For its answer to one command.",
  ),
  contentTimeout: setting(
    span({ min: SECOND, max: 9 * MINUTE }),
    "00:05:00",
    "For its answers to the body and the end of a message.",
  ),
  macros: setting(
    listOf(milterMacro(), { max: 100 }),
    [],
    "Macros besides those that Postfix sends, for milters that don't ask by themselves.",
  ),
  macroDefaults: setting(
    listOf(milterMacroValue(), { max: 100 }),
    [],
    "Values of macros where the session has none (milter_macro_defaults of Postfix).",
  ),
};
