import { KiB, MiB, SECOND } from "../base/units.ts";

/** Bounds under which a message and what is attached to it are read. */
export interface ContentLimits {
  /** Larger messages are not read at all. */
  readonly messageBytesMax: number;
  /** Of all header sections together, that of the message and those of parts. */
  readonly headerBytesMax: number;
  /** Fields of one header section. */
  readonly fieldCountMax: number;
  /** Multiparts and messages inside one another; archives inside one another count on. */
  readonly depthMax: number;
  /** MIME entities of a message. */
  readonly partCountMax: number;
  /** All that is decoded or unpacked for one message, together. */
  readonly decodedBytesMax: number;
  /** Of the text that is taken from one body or one attachment (UTF-16 units). */
  readonly textLengthMax: number;
  /** Files in archives and attached messages, together. */
  readonly fileCountMax: number;
  /** How many times its packed size an entry of an archive may unpack to. */
  readonly archiveRatioMax: number;
  /** Time for looking into attachments of one message. */
  readonly timeMsMax: number;
}

/** What holds where nobody says otherwise. */
export const CONTENT_LIMITS: ContentLimits = {
  messageBytesMax: 150 * MiB,
  headerBytesMax: MiB,
  fieldCountMax: 2000,
  depthMax: 32,
  partCountMax: 1000,
  decodedBytesMax: 256 * MiB,
  textLengthMax: 1024 * KiB,
  fileCountMax: 2000,
  archiveRatioMax: 200,
  timeMsMax: 20 * SECOND,
};

/** The bound that a message goes beyond. */
export interface ContentLimitFault {
  readonly limit: keyof ContentLimits;
  readonly max: number;
}
