import { addressRange } from "./address-range.ts";
import { FILTER_SCOPE, REJECTION_CHARACTERS_MAX } from "./filter-scope.ts";
import { instant } from "./instant.ts";
import { ipAddress } from "./network-types.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import {
  address,
  bool,
  domain,
  integer,
  line,
  listOf,
  name,
  Problem,
  scalarType,
} from "./setting-types.ts";

/** Return codes that one provider may be listened to for. */
const CODES_MAX = 64;
const RECIPIENTS_MAX = 800;

/** A text for a refusal. */
function rejection(): SettingType<string> {
  return line({ max: REJECTION_CHARACTERS_MAX });
}

/** IP Allow list and IP Block list (reference §9.2). */
export const IP_LIST_ENTRY = {
  name: required(addressRange(), "The address or range."),
  expirationTime: nullable(
    instant(),
    { text: "never" },
    "From when on it counts no longer. The entry stays until somebody removes it.",
  ),
  comment: setting(line({ max: 1024 }), "", "For whoever reads it later."),
};

/** Set-IPAllowListConfig */
export const IP_ALLOW_LIST_CONFIG = { ...FILTER_SCOPE };

/** Set-IPBlockListConfig */
export const IP_BLOCK_LIST_CONFIG = {
  ...FILTER_SCOPE,
  machineEntryRejectionResponse: setting(
    rejection(),
    "External client with IP address %0 does not have permissions to submit to this server.",
    "What clients are told that sender reputation has put on the list; %0 is their address.",
  ),
  staticEntryRejectionResponse: setting(
    rejection(),
    "External client with IP address %0 does not have permissions to submit to this server.",
    "What clients are told that an administrator has put on the list.",
  ),
};

/** Set-IPAllowListProvidersConfig */
export const IP_ALLOW_LIST_PROVIDERS_CONFIG = { ...FILTER_SCOPE };

/** Set-IPBlockListProvidersConfig */
export const IP_BLOCK_LIST_PROVIDERS_CONFIG = {
  ...FILTER_SCOPE,
  bypassedRecipients: setting(
    listOf(address(), { max: RECIPIENTS_MAX }),
    [],
    "Recipients who get mail of listed clients all the same: postmaster, for those who ask why.",
  ),
};

/** `127.0.0.6`: its last octet says which bits a return code must have. */
function bitmask(): SettingType<string> {
  return scalarType({
    label: "address 127.0.0.x",
    suffix: "",
    parse: (text) =>
      /^127\.0\.0\.(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/.test(text)
        ? text
        : new Problem("is no mask; write 127.0.0.1 to 127.0.0.255"),
  });
}

const PROVIDER = {
  name: required(name(), "Its name."),
  lookupDomain: required(domain(), "Asked about in DNS, behind the client's reversed address."),
  enabled: setting(bool(), "true", "Whether it is asked."),
  priority: nullable(
    integer({ min: 1, max: 10_000 }),
    { text: "behind the others" },
    "The lower is asked first.",
  ),
  anyMatch: setting(
    bool(),
    "false",
    "Any address in 127.0.0.0/8 that it answers with counts; so it is when neither mask nor " +
      "addresses are given. Others never count: they come from servers that stand in for the list.",
  ),
  bitmaskMatch: nullable(
    bitmask(),
    {},
    "An answer counts when its last octet has one of the bits of this one's.",
  ),
  ipAddressesMatch: setting(
    listOf(ipAddress(), { max: CODES_MAX }),
    [],
    "An answer counts when it is one of these.",
  ),
};

/** Add-IPAllowListProvider */
export const IP_ALLOW_LIST_PROVIDER = PROVIDER;

/** Add-IPBlockListProvider */
export const IP_BLOCK_LIST_PROVIDER = {
  ...PROVIDER,
  rejectionResponse: nullable(
    rejection(),
    { text: "Recipient not authorized, your IP has been found on a block list" },
    "What listed clients are told: %0 is their address, %1 the provider's name, %2 its domain.",
  ),
};
