/** What stands in logs for a line of an AUTH exchange: not even the length is told. */
export const MASKED_RESPONSE = "<authentication response>";
/** What stands in logs for what may be a secret, or content. */
export const MASKED_TEXT = "<not shown>";

/** Mechanisms by their names; another word may be a secret in the wrong place. */
const MECHANISMS: ReadonlySet<string> = new Set([
  ...["PLAIN", "LOGIN", "EXTERNAL", "ANONYMOUS", "NTLM", "GSSAPI", "GSS-SPNEGO", "SPNEGO"],
  ...["KERBEROS_V4", "OTP", "XOAUTH2", "OAUTHBEARER", "OPENID20", "CRAM-MD5", "DIGEST-MD5"],
  ...["1", "224", "256", "384", "512"].flatMap((size) => [
    `SCRAM-SHA-${size}`,
    `SCRAM-SHA-${size}-PLUS`,
  ]),
]);
const CHUNK = /^[0-9]{1,15}(?: +LAST)? *$/i;
const WORD = /^[A-Za-z]{1,10}$/;
const XCLIENT_PART = /^(?:NAME|ADDR|PORT|PROTO|HELO|DESTADDR|DESTPORT)=[!-~]{1,255}$/i;
const LOGIN_PART = /^LOGIN=/i;

/** How the argument of each verb is shown. */
const SHOWN: Readonly<Record<string, (argument: string) => string>> = {
  EHLO: (argument) => argument,
  HELO: (argument) => argument,
  MAIL: (argument) => (/^FROM:/i.test(argument) ? argument : MASKED_TEXT),
  RCPT: (argument) => (/^TO:/i.test(argument) ? argument : MASKED_TEXT),
  VRFY: (argument) => argument,
  EXPN: (argument) => argument,
  BDAT: (argument) => (CHUNK.test(argument) ? argument : MASKED_TEXT),
  AUTH: maskAuth,
  XCLIENT: maskXclient,
  DATA: () => MASKED_TEXT,
  RSET: () => MASKED_TEXT,
  NOOP: () => MASKED_TEXT,
  HELP: () => MASKED_TEXT,
  QUIT: () => MASKED_TEXT,
  STARTTLS: () => MASKED_TEXT,
};

/**
 * A command line as logs may have it. `isSuspect`: the client has begun to log on, or to send
 * content: what is no command then may be a password that nobody waited for, or a line of a letter.
 */
export function maskCommand(line: string, { isSuspect }: { readonly isSuspect: boolean }): string {
  const space = line.indexOf(" ");
  const word = space < 0 ? line : line.slice(0, space);
  const verb = word.toUpperCase();
  const show = Object.hasOwn(SHOWN, verb) ? SHOWN[verb] : undefined;
  if (show === undefined) {
    if (isSuspect || !WORD.test(word)) return MASKED_TEXT;
    return space < 0 ? word : `${word} ${MASKED_TEXT}`;
  }
  if (space < 0) return line;
  const argument = line.slice(space + 1);
  const shown = show(argument);
  return shown === argument ? line : `${word} ${shown}`;
}

function maskAuth(argument: string): string {
  const [mechanism = "", ...rest] = argument.trim().split(/ +/);
  if (!MECHANISMS.has(mechanism.toUpperCase())) return MASKED_TEXT;
  return rest.length === 0 ? mechanism : `${mechanism} ${MASKED_RESPONSE}`;
}

function maskXclient(argument: string): string {
  return argument
    .split(" ")
    .map((part) => {
      if (LOGIN_PART.test(part)) return `LOGIN=${MASKED_TEXT}`;
      return part === "" || XCLIENT_PART.test(part) ? part : MASKED_TEXT;
    })
    .join(" ");
}
