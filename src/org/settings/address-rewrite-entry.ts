import { domainPattern } from "./security-settings.ts";
import { required, type SettingType, setting } from "./setting.ts";
import { address, bool, domain, listOf, name, Problem, scalarType } from "./setting-types.ts";

const EXCEPTIONS_MAX = 1_000;

/** An address, or a domain as `pattern` reads it. */
function addressOr(pattern: SettingType<string>): SettingType<string> {
  const mailbox = address();
  return {
    ...scalarType({ label: `address or ${pattern.label}`, suffix: "", parse: (text) => text }),
    read(value, report) {
      const isAddress = value.kind === "scalar" && value.text.includes("@");
      return (isAddress ? mailbox : pattern).read(value, report);
    },
  };
}

/** What everybody outside can write to, and every server can take. */
function externalAddress(): SettingType<string> {
  const type = addressOr(domain());
  return {
    ...type,
    read(value, report) {
      const read = type.read(value, report);
      if (read === undefined || /^[ -~]*$/.test(read)) return read;
      const { problem } = new Problem("is not in ASCII, which not every server could take");
      return void report(value, problem);
    },
  };
}

/** Reference §17.4. */
export const ADDRESS_REWRITE_ENTRY = {
  name: required(name(), "The entry's name."),
  internalAddress: required(
    addressOr(domainPattern()),
    "The address, domain, or domain with its subdomains (`*.contoso.com`) as it is in here. Its " +
      "domain must be an authoritative accepted domain. The most exact entry counts.",
  ),
  externalAddress: required(
    externalAddress(),
    "What those outside see in its place: an address for an address, else a domain.",
  ),
  exceptionList: setting(
    listOf(domain(), { max: EXCEPTIONS_MAX }),
    [],
    "With `*.domain`: domains in it whose addresses stay as they are.",
  ),
  outboundOnly: setting(
    bool(),
    "false",
    "Mail that comes in for externalAddress is left alone; somebody has to have it. " +
      "Must be true with `*.domain`.",
  ),
};
