import { fault, ok, type Result } from "../base/result.ts";
import { type Address, parseAddress } from "../mail/address.ts";
import type { BodyType, NotifyCondition, OriginalRecipient } from "../mail/envelope.ts";
import type { Reply } from "./reply.ts";
import { REPLY } from "./reply-table.ts";
import type { SessionOptions } from "./session-handler.ts";
import { decodeUtf8AddressXtext, decodeXtext } from "./xtext.ts";

/** Extensions in force: what is offered, or nothing at all after HELO. */
export type Extensions = SessionOptions["extensions"] & {
  /** AUTH is offered, or has been used. */
  readonly auth: boolean;
};

/** Parameters of MAIL, decoded. */
export interface MailParameters {
  /** RFC 1870 §6.1 */
  readonly sizeBytes: number | undefined;
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  readonly ret: "FULL" | "HDRS" | undefined;
  readonly envid: string | undefined;
  /** RFC 8689 §4.1 */
  readonly requireTls?: boolean;
  /** RFC 4954 §5 */
  readonly submitter?: string;
}

/** Parameters of RCPT, decoded. */
export interface RecipientParameters {
  readonly notify: readonly NotifyCondition[] | undefined;
  readonly originalRecipient: OriginalRecipient | undefined;
  /** XORAR */
  readonly alternateRecipient?: Address;
}

/** Octets of ENVID's value as written (RFC 3461 §4.4). */
const ENVID_OCTETS_MAX = 100;
/** Octets of ORCPT's value as written (RFC 3461 §4.2); AUTH's and ORAR's are no longer. */
const ORCPT_OCTETS_MAX = 500;
const RFC822_PREFIX = /^rfc822;/i;

// esmtp-keyword and esmtp-value of RFC 5321 §4.1.2, UTF-8 in values by RFC 6531 §3.3.
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\u{10ffff}]+))?$/u;
const SIZE_VALUE = /^[0-9]{1,20}$/;
const ADDRESS_TYPE = /^[A-Za-z0-9-]+$/;

type Draft<Parameters> = { -readonly [Name in keyof Parameters]: Parameters[Name] };

/** One parameter: whether its extension is on, and how its value is read; false = bad value. */
interface ParameterReader<Parameters> {
  readonly on: (extensions: Extensions) => boolean;
  readonly read: (draft: Draft<Parameters>, value: string | undefined) => boolean;
}

const MAIL_PARAMETERS: Readonly<Record<string, ParameterReader<MailParameters>>> = {
  SIZE: {
    on: (extensions) => extensions.size !== "Disabled",
    read(draft, value) {
      if (value === undefined || !SIZE_VALUE.test(value)) return false;
      draft.sizeBytes = Number(value);
      return true;
    },
  },
  BODY: {
    on: (extensions) => extensions.eightBitMime || extensions.binaryMime,
    read(draft, value) {
      const body = value?.toUpperCase();
      if (body !== "7BIT" && body !== "8BITMIME" && body !== "BINARYMIME") return false;
      draft.body = body;
      return true;
    },
  },
  SMTPUTF8: {
    on: (extensions) => extensions.smtpUtf8,
    read(draft, value) {
      draft.smtpUtf8 = true;
      return value === undefined;
    },
  },
  RET: {
    on: (extensions) => extensions.dsn,
    read(draft, value) {
      const ret = value?.toUpperCase();
      if (ret !== "FULL" && ret !== "HDRS") return false;
      draft.ret = ret;
      return true;
    },
  },
  ENVID: {
    on: (extensions) => extensions.dsn,
    read(draft, value) {
      if (value === undefined || value.length > ENVID_OCTETS_MAX) return false;
      draft.envid = decodeXtext(value);
      return draft.envid !== undefined;
    },
  },
  REQUIRETLS: {
    on: (extensions) => extensions.requireTls,
    read(draft, value) {
      draft.requireTls = true;
      return value === undefined;
    },
  },
  AUTH: {
    on: (extensions) => extensions.auth,
    read(draft, value) {
      // `<>`: whoever submitted it is not known, or not trusted.
      const submitter = value === "<>" ? "" : parseXtextAddress(value);
      if (submitter !== undefined) draft.submitter = submitter;
      return submitter !== undefined;
    },
  },
};

const RECIPIENT_PARAMETERS: Readonly<Record<string, ParameterReader<RecipientParameters>>> = {
  NOTIFY: {
    on: (extensions) => extensions.dsn,
    read(draft, value) {
      draft.notify = parseNotify(value);
      return draft.notify !== undefined;
    },
  },
  ORCPT: {
    on: (extensions) => extensions.dsn,
    read(draft, value) {
      draft.originalRecipient = parseOriginalRecipient(value);
      return draft.originalRecipient !== undefined;
    },
  },
  ORAR: {
    on: (extensions) => extensions.orar,
    read(draft, value) {
      const alternate = parseXtextAddress(value?.replace(RFC822_PREFIX, ""));
      if (alternate !== undefined) draft.alternateRecipient = alternate;
      return alternate !== undefined;
    },
  },
};

/** Reads the parameters of MAIL; the fault is the reply: 501, or 555 (RFC 5321 §4.1.1.11). */
export function parseMailParameters(
  text: string,
  extensions: Extensions,
): Result<MailParameters, Reply> {
  const parameters = readParameters<MailParameters>(text, extensions, MAIL_PARAMETERS, {
    sizeBytes: undefined,
    body: "7BIT",
    smtpUtf8: false,
    ret: undefined,
    envid: undefined,
  });
  if (!parameters.ok) return parameters;
  // BODY belongs to two extensions, and each of its values to one of them (RFC 3030 §3).
  const { body } = parameters.value;
  if (body === "8BITMIME" && !extensions.eightBitMime) return fault(REPLY.unknownParameter);
  if (body === "BINARYMIME" && !(extensions.binaryMime && extensions.chunking)) {
    return fault(REPLY.unknownParameter);
  }
  return parameters;
}

/** Reads the parameters of RCPT; the fault is the reply. */
export function parseRecipientParameters(
  text: string,
  extensions: Extensions,
): Result<RecipientParameters, Reply> {
  return readParameters<RecipientParameters>(text, extensions, RECIPIENT_PARAMETERS, {
    notify: undefined,
    originalRecipient: undefined,
  });
}

function readParameters<Parameters>(
  text: string,
  extensions: Extensions,
  table: Readonly<Record<string, ParameterReader<Parameters>>>,
  draft: Draft<Parameters>,
): Result<Draft<Parameters>, Reply> {
  if (text === "") return ok(draft);
  const seen = new Set<string>();
  for (const part of text.split(" ")) {
    // Two spaces between parameters: no meaning to change.
    if (part === "") continue;
    const match = PARAMETER.exec(part);
    if (match === null) return fault(REPLY.badArguments);
    const keyword = (match[1] ?? "").toUpperCase();
    const reader = Object.hasOwn(table, keyword) ? table[keyword] : undefined;
    if (reader === undefined || !reader.on(extensions)) return fault(REPLY.unknownParameter);
    // The second of two would silently win over what another server reads from the first.
    if (seen.has(keyword)) return fault(REPLY.repeatedParameter);
    seen.add(keyword);
    if (!reader.read(draft, match[2])) return fault(REPLY.badParameter);
  }
  return ok(draft);
}

function parseXtextAddress(value: string | undefined): Address | undefined {
  if (value === undefined || value.length > ORCPT_OCTETS_MAX) return undefined;
  return parseAddress(decodeXtext(value) ?? "", { smtpUtf8: false });
}

/** NEVER, or a list of conditions (RFC 3461 §4.1). */
function parseNotify(value: string | undefined): readonly NotifyCondition[] | undefined {
  if (value === undefined) return undefined;
  const text = value.toUpperCase();
  if (text === "NEVER") return [];
  const conditions = new Set<NotifyCondition>();
  for (const condition of text.split(",")) {
    if (condition !== "SUCCESS" && condition !== "FAILURE" && condition !== "DELAY") {
      return undefined;
    }
    conditions.add(condition);
  }
  return [...conditions];
}

/** `addr-type;address` (RFC 3461 §4.2; type utf-8: RFC 6533 §3). */
function parseOriginalRecipient(value: string | undefined): OriginalRecipient | undefined {
  if (value === undefined || value.length > ORCPT_OCTETS_MAX) return undefined;
  const semicolon = value.indexOf(";");
  const type = value.slice(0, Math.max(semicolon, 0));
  if (!ADDRESS_TYPE.test(type)) return undefined;
  const text = value.slice(semicolon + 1);
  const address = type.toLowerCase() === "utf-8" ? decodeUtf8AddressXtext(text) : decodeXtext(text);
  return address === undefined || address === "" ? undefined : { type, address };
}
