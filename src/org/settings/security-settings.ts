import type { CertificateName } from "../../tls/distinguished-name.ts";
import { addressText, endpoint } from "./network-types.ts";
import { nullable, required, type SettingType, setting } from "./setting.ts";
import {
  address,
  bool,
  checkLine,
  domain,
  INTEGER_MAX,
  integer,
  line,
  listOf,
  name,
  oneOf,
  Problem,
  parseDomainName,
  scalarType,
} from "./setting-types.ts";

/** A secret that the server has to read again; sealed before it is stored, shown nowhere. */
export function secret(): SettingType<string> {
  return scalarType({
    label: "text, at most 4096 characters",
    suffix: "",
    isSecret: true,
    parse: (text) =>
      text === "" ? new Problem("must not be empty") : checkLine(text, { max: 4096 }),
  });
}

/** `<I>issuer<S>subject`, or one of the two. */
export function certificateName(): SettingType<CertificateName> {
  return scalarType({
    label: "<I>issuer<S>subject",
    suffix: "",
    parse(text) {
      const match = /^(?:<I>([^<>]+))?(?:<S>([^<>]+))?$/.exec(text);
      const [issuer, subject] = [match?.[1]?.trim(), match?.[2]?.trim()];
      if (issuer === undefined && subject === undefined) {
        return new Problem("names no certificate; write <I>CN=CA<S>CN=mail.contoso.com");
      }
      return { issuer, subject };
    },
  });
}

/** `contoso.com` or `*.contoso.com`. */
export function domainPattern(): SettingType<string> {
  return scalarType({
    label: "domain or *.domain",
    suffix: "",
    parse(text) {
      const isTree = text.startsWith("*.");
      const parsed = parseDomainName(isTree ? text.slice(2) : text);
      if (parsed instanceof Problem) {
        return new Problem("is not a domain; write contoso.com or *.contoso.com");
      }
      return isTree ? `*.${parsed}` : parsed;
    },
  });
}

function parseHttpsUrl(text: string): string | Problem {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "https:" || url.username !== "") {
    return new Problem("is not an https address; write https://login.contoso.com/token");
  }
  return url.href;
}

/** An absolute https address. */
export function httpsUrl(): SettingType<string> {
  return scalarType({ label: "https address", suffix: "", parse: parseHttpsUrl });
}

/** An https address, or a path; another kind of address would pass for the path of a file. */
function httpsUrlOrPath(): SettingType<string> {
  return scalarType({
    label: "https address or path of a file",
    suffix: "",
    parse: (text) =>
      /^[a-z][a-z0-9+.-]*:/i.test(text) ? parseHttpsUrl(text) : checkLine(text, { max: 1024 }),
  });
}

/** What one destination domain's TLS must be. */
export const TLS_POLICY = {
  name: required(domainPattern(), "The recipients' domain; `*.contoso.com` with its subdomains."),
  mode: setting(
    oneOf([
      "None",
      "Opportunistic",
      "EncryptionOnly",
      "CertificateValidation",
      "DomainValidation",
      "Dane",
      "MtaSts",
    ]),
    "Opportunistic",
    "In place of all that the send connector says of TLS, DANE and MTA-STS. " +
      "None: in clear. Opportunistic: TLS where it can be had. EncryptionOnly: TLS, whoever " +
      "answers. CertificateValidation: with a valid certificate. DomainValidation: one that " +
      "bears tlsDomain. Dane, MtaSts: that policy must be there and be met.",
  ),
  tlsDomain: nullable(
    domainPattern(),
    { text: "the host name of the next hop" },
    "Name in the certificate with DomainValidation.",
  ),
};

/** Who may issue tokens for logging on here. */
export const OAUTH_ISSUER = {
  name: required(name(), "A name for the logs."),
  issuer: required(line({ max: 1024 }), "Claim iss of its tokens, exactly."),
  jwks: required(
    httpsUrlOrPath(),
    "Its keys (RFC 7517): an https address, or a file's path relative to the data directory.",
  ),
  audiences: required(
    listOf(line({ max: 1024 }), { min: 1, max: 64 }),
    "Claim aud must hold one of them: tokens for others are refused.",
  ),
  scopes: setting(
    listOf(line({ max: 256 }), { max: 64 }),
    [],
    "Claim scope, scp or roles must hold all of them, as in SMTP.Send.",
  ),
  userClaim: setting(line({ max: 256 }), "email", "The claim that holds an address of the user."),
};

function rate(doc: string) {
  return setting(integer({ min: 1, max: INTEGER_MAX, unlimited: true }), "unlimited", doc);
}

/** What one user may send. */
export const THROTTLING_POLICY = {
  name: required(name(), "The policy's name, as mailboxes refer to it."),
  default: setting(bool(), "false", "In force for every mailbox that names no other."),
  messageRateLimit: rate("Messages per minute."),
  messagesPerHour: rate("Messages per hour."),
  messagesPerDay: rate("Messages per day."),
  recipientsPerHour: rate("Recipients per hour."),
  recipientsPerDay: rate("Recipients per day."),
};

/** Certificates by ACME. */
export const ACME = {
  directoryUrl: setting(
    httpsUrl(),
    "https://acme-v02.api.letsencrypt.org/directory",
    "The authority's directory (RFC 8555 §7.1.1).",
  ),
  contact: setting(listOf(address(), { max: 16 }), [], "Addresses of the account's contacts."),
  domains: required(
    listOf(domain(), { min: 1, max: 100 }),
    "Names of the certificate, the first one its subject.",
  ),
  challenge: setting(
    oneOf(["http-01", "dns-01"]),
    "http-01",
    "How the names are proved: by a file on port 80 or by a TXT record.",
  ),
  httpListen: nullable(
    endpoint(),
    { value: "0.0.0.0:80" },
    "Where http-01 is answered, while an order runs.",
  ),
  dnsHook: nullable(
    line({ max: 1024 }),
    {},
    "Program for dns-01: run as PROGRAM present NAME VALUE, and cleanup after it.",
  ),
  caFile: nullable(
    line({ max: 1024 }),
    {},
    "PEM file with authorities to trust for directoryUrl besides the system's.",
  ),
  termsOfServiceAgreed: setting(
    bool(),
    "false",
    "Must be true: you agree to the authority's terms.",
  ),
};

/** Reports to others about TLS with them (RFC 8460). */
export const TLS_REPORTING = {
  enabled: setting(bool(), "true", "Whether reports are sent to domains that ask for them."),
  organizationName: nullable(
    line({ max: 256 }),
    { text: "the default accepted domain" },
    "Who we are in the reports.",
  ),
  contact: nullable(
    address(),
    { text: "externalPostmasterAddress" },
    "Sender of the reports, and who answers questions about them.",
  ),
};

/** How we log on to a smart host. */
export const SMART_HOST_CREDENTIAL = {
  userName: required(line({ max: 256 }), "User name at the smart host."),
  password: required(secret(), "Stored encrypted with the key file of the data directory."),
};

/** Where tokens for a smart host come from. */
export const OAUTH_CLIENT = {
  tokenEndpoint: required(httpsUrl(), "Where tokens are asked for (RFC 6749 §3.2)."),
  clientId: required(line({ max: 1024 }), "The application."),
  clientSecret: required(secret(), "Stored encrypted, as authenticationCredential.password."),
  scope: setting(line({ max: 1024 }), "https://outlook.office365.com/.default", "What to ask for."),
  userName: required(addressText(), "The mailbox that is sent from (XOAUTH2)."),
};

/** The organization's own sign-in for administrators. */
export const ADMIN_SIGN_IN = {
  name: setting(line({ max: 64 }), "your organization", "What its button says: Sign in with …"),
  issuer: required(
    issuerText(),
    "The provider, as its discovery document and its tokens name it (OpenID Connect Discovery §3).",
  ),
  clientId: required(line({ max: 1024 }), "This server, as the provider calls it."),
  clientSecret: required(secret(), "Stored encrypted, as authenticationCredential.password."),
  scopes: setting(
    listOf(line({ max: 200 }), { max: 20 }),
    ["profile"],
    "What to ask for besides openid, so that the claims below are in the token.",
  ),
  nameClaim: setting(
    line({ max: 200 }),
    "preferred_username",
    "The claim that is an administrator's name here, when he comes for the first time. email " +
      "counts only when the provider has verified it.",
  ),
  groupsClaim: setting(line({ max: 200 }), "groups", "The claim that lists his groups."),
  roleGroups: required(
    listOf(groupMapText(), { max: 200 }),
    "Which of them give which role group: Mail Admins=Organization Management. The group * is " +
      "everybody who can sign in there. Whoever gets none does not come in.",
  ),
  only: setting(
    bool(),
    "false",
    "Whether there is no other way in over the network but API tokens: no passwords, no passkeys.",
  ),
};

/** Kept as it is written: it is compared as a text, with or without a slash at its end. */
function issuerText(): SettingType<string> {
  return scalarType({
    label: "https address",
    suffix: "",
    parse(text) {
      const url = URL.parse(text);
      const isPlain = url?.protocol === "https:" && url.username === "" && url.search === "";
      return isPlain && url.hash === "" && text.length <= 500
        ? text
        : new Problem("is not an https address without query; write https://login.contoso.com");
    },
  });
}

function groupMapText(): SettingType<string> {
  return scalarType({
    label: "GROUP=ROLE GROUP",
    suffix: "",
    parse: (text) =>
      /^[^=\p{Cc}][^\p{Cc}]*=[^=\p{Cc}]+$/u.test(text) && text.length <= 500
        ? text
        : new Problem("is not a group of the provider, =, and a role group"),
  });
}
