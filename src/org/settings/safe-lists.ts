import { parseAddress } from "../../mail/address.ts";
import { nullable, setting } from "./setting.ts";
import { bool, integer, listOf, Problem, parseDomainName, scalarType } from "./setting-types.ts";

/** Entries of one of a mailbox's lists (reference §9.6). */
const SAFE_LIST_MAX = 1024;

/** `ann@fabrikam.com`, `fabrikam.com` or `@fabrikam.com`; in small letters. */
function senderOrDomain() {
  return scalarType({
    label: "address or domain",
    suffix: "",
    parse(text) {
      const plain = text.startsWith("@") ? text.slice(1) : text;
      const parsed = plain.includes("@")
        ? parseAddress(plain, { smtpUtf8: true })
        : parseDomainName(plain);
      if (typeof parsed === "string") return parsed.toLowerCase();
      return new Problem(
        "is neither an address nor a domain; write ann@fabrikam.com or fabrikam.com",
      );
    },
  });
}

/** What a mailbox says of whom its user wants to hear from (reference §9.6). */
export const SAFE_LISTS = {
  safeSenders: setting(
    listOf(senderOrDomain(), { max: SAFE_LIST_MAX }),
    [],
    "Addresses and domains whose mail is never junk.",
  ),
  safeRecipients: setting(
    listOf(senderOrDomain(), { max: SAFE_LIST_MAX }),
    [],
    "Addresses, of mailing lists above all: mail to them is never junk.",
  ),
  blockedSenders: setting(
    listOf(senderOrDomain(), { max: SAFE_LIST_MAX }),
    [],
    "Addresses and domains whose mail the user does not get.",
  ),
  antispamBypassEnabled: setting(bool(), "false", "Its mail is not looked at for spam."),
  sclJunkEnabled: nullable(
    bool(),
    { text: "true" },
    "Whether mail above the threshold goes to the folder Junk.",
  ),
  sclJunkThreshold: nullable(
    integer({ min: 0, max: 9 }),
    { text: "that of the organization" },
    "Mail with a higher spam confidence level goes to the folder Junk.",
  ),
};
