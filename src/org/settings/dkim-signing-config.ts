import { isSealed } from "../../base/secret-box.ts";
import { DAY } from "../../base/units.ts";
import { formatPrivateKey, type KeyKind, parsePrivateKey } from "../../dkim/private-key.ts";
import { instant } from "./instant.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import { bool, domain, Problem, scalarType, section, span } from "./setting-types.ts";

/** A private key: sealed before it is stored, shown nowhere. */
function privateKey(kind: KeyKind): SettingType<string> {
  return scalarType({
    label: "private key in PEM form, or PKCS #8 in base64",
    suffix: "",
    isSecret: true,
    parse(text) {
      if (isSealed(text)) return text;
      const key = parsePrivateKey(text, kind);
      return key.ok ? formatPrivateKey(key.value) : new Problem(key.fault);
    },
  });
}

/** Labels of a name in DNS (RFC 6376 §3.1). */
function selector(): SettingType<string> {
  return scalarType({
    label: "selector",
    suffix: "",
    form: { kind: "text", charactersMax: SELECTOR_CHARACTERS_MAX },
    parse(text) {
      const folded = text.toLowerCase();
      if (folded.length <= SELECTOR_CHARACTERS_MAX && SELECTOR.test(folded)) return folded;
      return new Problem("is not a selector; write letters, digits, hyphens and dots, as in s2026");
    },
  });
}

const SELECTOR_CHARACTERS_MAX = 63;
const SELECTOR = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/;

function keyTable(kind: KeyKind) {
  return {
    selector: required(selector(), "Its record in DNS is `selector._domainkey.domain`."),
    privateKey: required(
      privateKey(kind),
      "Stored encrypted with the key file of the data directory.",
    ),
  };
}

/** How mail of one domain is signed. */
export const DKIM_SIGNING_CONFIG = {
  name: required(domain(), "The domain in the author's address; its subdomains are others."),
  enabled: setting(
    bool(),
    "false",
    "Whether mail is signed. Let the keys' records be in DNS before that.",
  ),
  rsaKey: nullable(section(keyTable("rsa")), {}, "What rsa-sha256 signs with, 2048 to 4096 bits."),
  ed25519Key: nullable(
    section(keyTable("ed25519")),
    {},
    "What ed25519-sha256 signs with, besides: not everybody knows it (RFC 8463).",
  ),
  rotateOnDate: nullable(
    instant(),
    {},
    "From when on nextRsaKey and nextEd25519Key sign in place of the other two. Until the next " +
      "rotation all their records stay in DNS: mail signed before may still be on its way.",
  ),
  nextRsaKey: nullable(section(keyTable("rsa")), {}, "As rsaKey, from rotateOnDate on."),
  nextEd25519Key: nullable(
    section(keyTable("ed25519")),
    {},
    "As ed25519Key, from rotateOnDate on.",
  ),
  rotationInterval: setting(
    span({ min: 0, max: 3650 * DAY }),
    "00:00:00",
    "Age at which keys are replaced by themselves, as in 180.00:00:00; 0: not. The next ones are " +
      "made and told of, and take over once their records are in DNS.",
  ),
};
