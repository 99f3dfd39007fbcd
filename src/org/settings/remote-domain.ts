import { domainPattern } from "./security-settings.ts";
import { required, type SettingType, setting } from "./setting.ts";
import { bool, name, scalarType } from "./setting-types.ts";

/** `*`, `contoso.com` or `*.contoso.com`. */
function remoteDomainPattern(): SettingType<string> {
  const pattern = domainPattern();
  return {
    ...scalarType({ label: "domain, *.domain or *", suffix: "", parse: (text) => text }),
    read(value, report) {
      if (value.kind === "scalar" && value.text === "*") return "*";
      return pattern.read(value, report);
    },
  };
}

/** Reference §4.2: what may go to a domain that is not ours. */
export const REMOTE_DOMAIN = {
  name: required(name(), "The object's name."),
  domainName: required(
    remoteDomainPattern(),
    "The domain; `*.contoso.com` with its subdomains, `*` for all that no other entry names.",
  ),
  autoForwardEnabled: setting(
    bool(),
    "true",
    "Whether mail of our mailboxes may be forwarded there (forwardingAddress).",
  ),
  deliveryReportEnabled: setting(
    bool(),
    "true",
    "Whether senders there get the notices of success that they ask for.",
  ),
  ndrEnabled: setting(bool(), "true", "Whether senders there get notices of failure and delay."),
  ndrDiagnosticInfoEnabled: setting(
    bool(),
    "true",
    "Whether these say what the servers said; false: only what is written for people.",
  ),
};
