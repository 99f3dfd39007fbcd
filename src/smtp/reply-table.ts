import type { Reply } from "./reply.ts";

/**
 * Every reply that the session's machine and driver give by themselves (reference §16.3, codes of
 * RFC 5321 §4.2.2 and RFC 3463). Policy has its own beside these.
 */
export const REPLY = {
  ok: { code: 250, status: "2.0.0", lines: ["OK"] },
  resetting: { code: 250, status: "2.0.0", lines: ["Resetting"] },
  senderOk: { code: 250, status: "2.1.0", lines: ["Sender OK"] },
  recipientOk: { code: 250, status: "2.1.5", lines: ["Recipient OK"] },
  chunkReceived: { code: 250, status: "2.6.0", lines: ["CHUNK received OK"] },
  startContent: { code: 354, status: "", lines: ["Start mail input; end with <CRLF>.<CRLF>"] },
  startTls: { code: 220, status: "2.0.0", lines: ["SMTP server ready"] },
  closing: { code: 221, status: "2.0.0", lines: ["Service closing transmission channel"] },
  help: {
    code: 214,
    status: "",
    lines: [
      "This server supports the following commands:",
      "HELO EHLO STARTTLS AUTH RCPT DATA RSET MAIL QUIT HELP BDAT NOOP VRFY",
    ],
  },
  cannotVerify: { code: 252, status: "2.1.5", lines: ["Cannot VRFY user"] },

  serviceUnavailable: {
    code: 421,
    status: "4.3.2",
    lines: ["Service not available, closing transmission channel"],
  },
  tooManyConnections: {
    code: 421,
    status: "4.3.2",
    lines: [
      "The maximum number of concurrent connections has exceeded a limit, " +
        "closing transmission channel",
    ],
  },
  idleTooLong: { code: 421, status: "4.4.1", lines: ["Connection timed out"] },
  sessionTooLong: {
    code: 421,
    status: "4.4.2",
    lines: ["Session has exceeded the maximum duration, closing transmission channel"],
  },
  tooManyErrors: {
    code: 421,
    status: "4.7.0",
    lines: ["Too many errors on this connection, closing transmission channel"],
  },
  internalError: {
    code: 421,
    status: "4.3.0",
    lines: ["Internal error, closing transmission channel"],
  },
  tooManyRecipients: { code: 452, status: "4.5.3", lines: ["Too many recipients"] },

  unknownCommand: { code: 500, status: "5.3.3", lines: ["Unrecognized command"] },
  lineTooLong: { code: 500, status: "5.5.2", lines: ["Line too long"] },
  bareLineFeed: {
    code: 500,
    status: "5.5.2",
    lines: ["Command ended by a bare LF instead of CRLF, closing transmission channel"],
  },
  authLineTooLong: {
    code: 500,
    status: "5.5.6",
    lines: ["Authentication exchange line is too long"],
  },
  badBase64: { code: 501, status: "5.5.2", lines: ["Cannot decode base64"] },
  authCancelled: { code: 501, status: "5.7.0", lines: ["Authentication cancelled"] },
  badXclient: { code: 501, status: "5.5.4", lines: ["Invalid arguments: XCLIENT NAME=value"] },
  badCharacter: {
    code: 500,
    status: "5.5.2",
    lines: ["Command contains a bare CR, a NUL or invalid UTF-8"],
  },
  badArguments: { code: 501, status: "5.5.4", lines: ["Invalid arguments"] },
  badChunk: {
    code: 501,
    status: "5.5.4",
    lines: ["Invalid arguments: BDAT size [LAST], closing transmission channel"],
  },
  badDomain: { code: 501, status: "5.5.4", lines: ["Invalid domain name"] },
  badSender: { code: 501, status: "5.1.7", lines: ["Invalid address"] },
  badRecipient: { code: 501, status: "5.1.3", lines: ["Invalid address"] },
  badParameter: { code: 501, status: "5.5.4", lines: ["Invalid parameter value"] },
  repeatedParameter: { code: 501, status: "5.5.4", lines: ["Parameter given twice"] },
  notImplemented: { code: 502, status: "5.3.3", lines: ["Command not implemented"] },
  helloFirst: { code: 503, status: "5.5.2", lines: ["Send hello first"] },
  senderAlreadyGiven: { code: 503, status: "5.5.2", lines: ["Sender already specified"] },
  mailFirst: { code: 503, status: "5.5.2", lines: ["Need mail command"] },
  recipientFirst: { code: 503, status: "5.5.2", lines: ["Need rcpt command"] },
  badSequence: { code: 503, status: "5.5.1", lines: ["Bad sequence of commands"] },
  binaryNeedsChunks: {
    code: 503,
    status: "5.5.1",
    lines: ["Bad sequence of commands: BINARYMIME content needs BDAT"],
  },
  authAlready: { code: 503, status: "5.5.1", lines: ["Already authenticated"] },
  unknownMechanism: { code: 504, status: "5.7.4", lines: ["Unrecognized authentication type"] },
  encryptionRequired: {
    code: 538,
    status: "5.7.11",
    lines: ["Encryption required for requested authentication mechanism"],
  },
  xclientNotAllowed: { code: 550, status: "5.7.0", lines: ["Insufficient authorization"] },
  tlsAlready: { code: 503, status: "5.5.1", lines: ["TLS is active already"] },
  tlsRequired: { code: 530, status: "5.7.0", lines: ["Must issue a STARTTLS command first"] },
  bareLineFeedInContent: {
    code: 550,
    status: "5.6.11",
    lines: ["Invalid characters: message contains a bare LF (LF without CR before it)"],
  },
  bareCarriageReturnInContent: {
    code: 550,
    status: "5.6.11",
    lines: ["Invalid characters: message contains a bare CR (CR without LF after it)"],
  },
  nulInContent: {
    code: 550,
    status: "5.6.11",
    lines: ["Invalid characters: message contains a NUL"],
  },
  messageTooBig: {
    code: 552,
    status: "5.3.4",
    lines: ["Message size exceeds fixed maximum message size"],
  },
  utf8Needed: { code: 553, status: "5.6.7", lines: ["Non-ASCII address needs SMTPUTF8"] },
  unknownParameter: {
    code: 555,
    status: "5.5.4",
    lines: ["Parameter not recognized or not implemented"],
  },
} as const satisfies Record<string, Reply>;
