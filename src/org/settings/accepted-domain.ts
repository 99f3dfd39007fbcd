import type { Domain } from "../../mail/address.ts";
import { lmtpHost } from "./network-types.ts";
import type { SettingType } from "./setting.ts";
import { nullable, required, setting } from "./setting.ts";
import { bool, name, oneOf, Problem, parseDomainName, scalarType } from "./setting-types.ts";

/** A domain, or `*.domain` for the domain with its subdomains. */
interface DomainTree {
  readonly domain: Domain;
  readonly isTree: boolean;
}

/** `contoso.com` or `*.contoso.com`. */
function domainTree(): SettingType<DomainTree> {
  return scalarType({
    label: "domain name or *.domain",
    suffix: "",
    parse(text) {
      const isTree = text.startsWith("*.");
      const domain = parseDomainName(isTree ? text.slice(2) : text);
      if (!(domain instanceof Problem)) return { domain, isTree };
      return new Problem("is not a domain; write contoso.com or *.contoso.com");
    },
  });
}

/** Reads the name as a domain, for entries that leave domainName out. */
export const DOMAIN_TREE = domainTree();

/** Reference §4.1. */
export const ACCEPTED_DOMAIN = {
  name: required(name(), "The object's name; also the domain, unless domainName says otherwise."),
  domainName: nullable(
    DOMAIN_TREE,
    { text: "the name" },
    "The domain; `*.contoso.com` is contoso.com with matchSubDomains.",
  ),
  matchSubDomains: setting(bool(), "false", "Whether its subdomains are accepted as well."),
  domainType: setting(
    oneOf(["Authoritative", "InternalRelay", "ExternalRelay"]),
    "Authoritative",
    "Authoritative: all recipients are here, unknown ones are refused. InternalRelay: some are " +
      "here, the rest goes on by send connector. ExternalRelay: none are here.",
  ),
  addressBookEnabled: nullable(
    bool(),
    { text: "true for Authoritative" },
    "Whether all its recipients are known here, so that the recipient filter refuses others. Of " +
      "use for InternalRelay, where the directory has those of other servers as mail users.",
  ),
  default: setting(
    bool(),
    "false",
    "The domain of postmaster@ and of our own addresses. Exactly one; the first when none says so.",
  ),
  lmtpHost: nullable(
    lmtpHost(),
    {},
    "LMTP server that holds the domain's mailboxes; null: Maildir under the data directory.",
  ),
};
