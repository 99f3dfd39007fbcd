/** What the server offered in its EHLO or LHLO reply. */
export interface Offers {
  /** False after HELO: no extension may be used (RFC 5321 §2.2.1). */
  readonly extended: boolean;
  /** The name the server gave itself, lower case, "" when it gave none. */
  readonly serverName: string;
  readonly pipelining: boolean;
  readonly dsn: boolean;
  readonly eightBitMime: boolean;
  /** Only together with CHUNKING (RFC 3030 §3). */
  readonly binaryMime: boolean;
  readonly chunking: boolean;
  readonly smtpUtf8: boolean;
  readonly startTls: boolean;
  /** The server sees to it that the next hop is verified too (RFC 8689). */
  readonly requireTls: boolean;
  readonly enhancedStatusCodes: boolean;
  /** SIZE was offered; `messageBytesMax` is undefined when it names no limit (RFC 1870 §4). */
  readonly size: boolean;
  readonly messageBytesMax: number | undefined;
  /** LIMITS RCPTMAX and MAILMAX (RFC 9422 §4). */
  readonly recipientsMax: number | undefined;
  readonly messagesMax: number | undefined;
  /** SASL mechanisms, upper case, as offered (RFC 4954 §3). */
  readonly authMechanisms: readonly string[];
}

/** No extension at all: before EHLO, and after HELO. */
export const NO_OFFERS: Offers = {
  extended: false,
  serverName: "",
  pipelining: false,
  dsn: false,
  eightBitMime: false,
  binaryMime: false,
  chunking: false,
  smtpUtf8: false,
  startTls: false,
  requireTls: false,
  enhancedStatusCodes: false,
  size: false,
  messageBytesMax: undefined,
  recipientsMax: undefined,
  messagesMax: undefined,
  authMechanisms: [],
};

/** Reads the lines of an EHLO reply (RFC 5321 §4.1.1.1); what it does not know, it passes over. */
export function parseOffers(lines: readonly string[]): Offers {
  const keywords = new Map<string, readonly string[]>();
  for (const line of lines.slice(1)) {
    // `SIZE=1000` and `AUTH=LOGIN` are old servers' spelling of `SIZE 1000`.
    const words = line.trim().split(/[ =]+/);
    const keyword = words[0]?.toUpperCase() ?? "";
    if (keyword !== "" && !keywords.has(keyword)) keywords.set(keyword, words.slice(1));
  }
  const limits = parseLimits(lines);
  const chunking = keywords.has("CHUNKING");
  return {
    extended: true,
    serverName: parseServerName(lines),
    pipelining: keywords.has("PIPELINING"),
    dsn: keywords.has("DSN"),
    eightBitMime: keywords.has("8BITMIME"),
    binaryMime: chunking && keywords.has("BINARYMIME"),
    chunking,
    smtpUtf8: keywords.has("SMTPUTF8"),
    startTls: keywords.has("STARTTLS"),
    requireTls: keywords.has("REQUIRETLS"),
    enhancedStatusCodes: keywords.has("ENHANCEDSTATUSCODES"),
    size: keywords.has("SIZE"),
    messageBytesMax: parseCount(keywords.get("SIZE")?.[0]),
    recipientsMax: limits.get("RCPTMAX"),
    messagesMax: limits.get("MAILMAX"),
    authMechanisms: parseMechanisms(lines),
  };
}

/** The first word of a greeting or EHLO reply, lower case: the name the server calls itself. */
export function parseServerName(lines: readonly string[]): string {
  return (lines[0] ?? "").trim().split(" ", 1)[0]?.toLowerCase() ?? "";
}

/** Servers offer `AUTH A B` and, for clients older than RFC 2554, `AUTH=A B`: often both. */
function parseMechanisms(lines: readonly string[]): readonly string[] {
  const mechanisms = new Set<string>();
  for (const line of lines.slice(1)) {
    const rest = /^AUTH[ =](.*)$/i.exec(line.trim())?.[1] ?? "";
    for (const word of rest.split(/[ =]+/)) {
      if (/^[A-Za-z0-9_-]{1,20}$/.test(word)) mechanisms.add(word.toUpperCase());
    }
  }
  return [...mechanisms];
}

function parseLimits(lines: readonly string[]): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  const line = lines.slice(1).find((text) => /^LIMITS( |$)/i.test(text));
  for (const word of line?.split(" ").slice(1) ?? []) {
    const [name = "", value] = word.split("=", 2);
    const count = parseCount(value);
    if (count !== undefined) limits.set(name.toUpperCase(), count);
  }
  return limits;
}

/** A positive decimal; 0 is SIZE's "no limit", and no limit of LIMITS may be 0. */
function parseCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const count = Number(text);
  return count > 0 && Number.isSafeInteger(count) ? count : undefined;
}
