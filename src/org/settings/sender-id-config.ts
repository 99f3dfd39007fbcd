import type { DmarcExemption } from "../sender-id-config.ts";
import { parseAddressRange } from "./address-range.ts";
import { type SettingType, setting } from "./setting.ts";
import {
  address,
  domain,
  line,
  listOf,
  oneOf,
  Problem,
  parseDomainName,
  scalarType,
} from "./setting-types.ts";

/** A domain, or addresses of clients. */
function dmarcExemption(): SettingType<DmarcExemption> {
  return scalarType({
    label: "domain name, or address, first-last or address/length",
    suffix: "",
    parse(text) {
      const range = parseAddressRange(text);
      if (range !== undefined) return { kind: "range", range };
      const name = parseDomainName(text);
      if (!(name instanceof Problem)) return { kind: "domain", domain: name };
      return new Problem(
        "is neither a domain nor an address range; write lists.fabrikam.com or 192.0.2.0/24",
      );
    },
  });
}

const senderIdAction = () => oneOf(["StampStatus", "Reject", "Delete"]);
const authorAction = () => oneOf(["None", "Stamp", "Quarantine", "Reject"]);

/** Set-SenderIdConfig (reference §9.5), mapped to SPF, with what DMARC and ARC need besides. */
export const SENDER_ID_CONFIG = {
  spoofedDomainAction: setting(
    senderIdAction(),
    "StampStatus",
    "For mail whose SPF is fail: Reject refuses it with 550 5.7.23, Delete says 250 and drops it.",
  ),
  tempErrorAction: setting(
    senderIdAction(),
    "StampStatus",
    "For mail whose SPF cannot be known just now: Reject is 451 4.7.24, so that it comes again.",
  ),
  bypassedRecipients: setting(
    listOf(address(), { max: 100 }),
    [],
    "Mail to these recipients only is not refused or deleted for its SPF.",
  ),
  bypassedSenderDomains: setting(
    listOf(domain(), { max: 100 }),
    [],
    "Mail from senders (MAIL FROM) of these domains is not refused or deleted for its SPF.",
  ),
  multipleFromAction: setting(
    authorAction(),
    "Stamp",
    "For mail with several From fields, several addresses in From, or a From that readers may " +
      "take for another author's than DMARC has judged.",
  ),
  missingFromAction: setting(authorAction(), "Stamp", "For mail without an author's address."),
  displayNameAction: setting(
    authorAction(),
    "Stamp",
    "For mail of others whose author's name is one of protectedNames, or looks like one, or has " +
      "an address of another domain than the author's in it.",
  ),
  protectedNames: setting(
    listOf(line({ max: 256 }), { max: 1000 }),
    [],
    "Names of people of ours that others should not bear, as in `Alice Archer`.",
  ),
  dmarcExemptions: setting(
    listOf(dmarcExemption(), { max: 1000 }),
    [],
    "Mail of these authors' domains (subdomains too), or from these clients, is let in although " +
      "it fails the DMARC policy of its domain.",
  ),
  arcTrustedSealers: setting(
    listOf(domain(), { max: 100 }),
    [],
    "Forwarders and mailing lists (d= of their ARC seals) whose word counts: mail that they have " +
      "changed, and that passed DMARC when it came to them, is let in.",
  ),
};
