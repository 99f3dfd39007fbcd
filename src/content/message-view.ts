import type { Address } from "../mail/address.ts";
import type { TransferEncoding } from "../mail/mime-header.ts";

/**
 * What a message says and has in it, as values that can be sent to another thread. Bodies are in
 * it; of attachments only where they are: `inspectAttachments` looks into them.
 */
export interface MessageView {
  /** Of the whole message as it was read. */
  readonly bytes: number;
  /** All fields of the message's own header, from the top. */
  readonly header: readonly ViewField[];
  /** Decoded, on one line. `""` when there is none. */
  readonly subject: string;
  readonly from: readonly ViewMailbox[];
  readonly to: readonly ViewMailbox[];
  readonly cc: readonly ViewMailbox[];
  /** The message itself as the outermost part. */
  readonly root: ContentPart;
  /** What a reader is shown as the message's text, in order; alternatives stand side by side. */
  readonly bodies: readonly BodyText[];
  /**
   * Leaves and attached messages that are no bodies, outermost ones only. A body is among them too
   * when it has a file name or is labelled as an attachment: some readers show it as one.
   */
  readonly attachments: readonly ContentPart[];
  readonly types: readonly MessageType[];
  /** What is odd about its form: programs that send spam write such messages more often. */
  readonly oddities: readonly MessageOddity[];
  /** Labels of all text parts and encoded words, in lower case, each once. */
  readonly charsets: readonly string[];
}

/** A header field, encoded words (RFC 2047) decoded. */
export interface ViewField {
  /** In lower case. */
  readonly name: string;
  readonly originalName: string;
  /** As it stands, but for folds. */
  readonly raw: string;
  readonly value: string;
}

/** One entry of an address field. */
export interface ViewMailbox {
  /** Decoded display name, `""` when there is none. */
  readonly displayName: string;
  /** `undefined` when what stands there is no address that mail could be sent to. */
  readonly address: Address | undefined;
  /** The address as written; may be hostile. */
  readonly text: string;
}

/** One MIME entity (RFC 2045 §2.4): the message, a part of a multipart, or an attached message. */
export interface ContentPart {
  /**
   * Where it is in the tree: `""` is the message, `"2"` the second part of its multipart, `"2.1"`
   * a part in that. What is in an attached message is counted as if that were a multipart.
   */
  readonly path: string;
  /** `message` holds one child: the attached message as an entity. */
  readonly kind: "leaf" | "multipart" | "message";
  /** `type/subtype` in lower case, or what RFC 2045 §5.2 says of parts that have none. */
  readonly mediaType: string;
  /** In lower case, as labelled. */
  readonly charset: string | undefined;
  /** `attachment` for every disposition other than inline (RFC 2183 §2.8). */
  readonly disposition: "inline" | "attachment" | undefined;
  /** From filename or name, decoded (RFC 2231, 2047), without folders. */
  readonly fileName: string | undefined;
  /** Another name that it has, which some readers take. */
  readonly otherName: string | undefined;
  readonly contentId: string | undefined;
  /** Of a multipart. */
  readonly boundary: string | undefined;
  readonly encoding: TransferEncoding;
  readonly place: PartPlace;
  /** Bytes of its body once the transfer encoding is undone; 0 for a multipart. */
  readonly decodedBytes: number;
  /** Signed or encrypted, or in something that is: may not change (RFC 1847 §2.1). */
  readonly isSealed: boolean;
  readonly children: readonly ContentPart[];
}

/**
 * Where an entity is in the message, as byte offsets. The header with its empty line is
 * `[headerFrom, bodyFrom)`, the body `[bodyFrom, to)`; the line end before a boundary belongs to
 * the boundary (RFC 2046 §5.1.1).
 */
export interface PartPlace {
  readonly headerFrom: number;
  readonly bodyFrom: number;
  readonly to: number;
}

/** A text that a reader is shown. */
export interface BodyText {
  /** `path` of its part. */
  readonly path: string;
  readonly kind: "plain" | "html";
  /** Decoded text with `\n` at line ends; of HTML what a reader sees. Cut at the limit. */
  readonly text: string;
  /** The HTML itself, decoded; `undefined` for plain text. Cut at the limit. */
  readonly html: string | undefined;
  /** Where links and images of the HTML lead, each once, 1,000 at most. */
  readonly links: readonly string[];
  readonly isCut: boolean;
}

/**
 * `duplicateField`: From, Subject, Content-Type or another field that may come once comes twice.
 * `ambiguousType`: a parameter comes twice. `noBoundary`: a multipart without parts.
 * `unknownEncoding`, `unknownCharset`: a label that means nothing. `encodedMultipart`: against
 * RFC 2045 §6.4. `twoNames`: a file has one name in its type and another in its disposition.
 */
export type MessageOddity =
  | "duplicateField"
  | "ambiguousType"
  | "noBoundary"
  | "unknownEncoding"
  | "unknownCharset"
  | "encodedMultipart"
  | "twoNames";

/** What kind of message it is; the names are those of MessageTypeMatches in mail flow rules. */
export type MessageType =
  | "OOF"
  | "AutoForward"
  | "Encrypted"
  | "Calendaring"
  | "PermissionControlled"
  | "Voicemail"
  | "Signed"
  | "ApprovalRequest"
  | "ReadReceipt";

/** Something attached, as it was looked into. */
export interface AttachmentView extends FileView {
  /** `path` of its part. */
  readonly path: string;
  /** As labelled by the sender. */
  readonly mediaType: string;
}

/** A file: an attachment, or one in an archive, a document or an attached message. */
export interface FileView {
  /** File name, or the name in the archive with its folders; `""` when it has none. */
  readonly name: string;
  /** Decoded size; for one in an archive what the archive says. */
  readonly bytes: number;
  /** Media type by what is in it, `undefined` when nothing is known of these bytes. */
  readonly detectedType: string | undefined;
  /** A program or script by its content: a false name or type does not hide it. */
  readonly isExecutable: boolean;
  /** Cannot be opened without a password. */
  readonly isPasswordProtected: boolean;
  /** Properties of an Office document, custom ones too. */
  readonly properties: readonly FileProperty[];
  /** The text in it, cut at the limit; `undefined` when there is none to be had. */
  readonly text: string | undefined;
  /** How looking into it ended. */
  readonly outcome: FileOutcome;
  /** What an archive or attached message holds. */
  readonly entries: readonly FileView[];
}

/**
 * `read`: looked through. `unsupported`: we cannot read text of this type, or it is damaged.
 * `limitExceeded`: more in it than may be looked at; what is known is told all the same.
 */
export type FileOutcome = "read" | "unsupported" | "limitExceeded";

/** One property of a document. */
export interface FileProperty {
  readonly name: string;
  readonly value: string;
}

/** The file and all that is in it, whatever the depth. */
export function* allFiles(file: FileView): Generator<FileView, void, undefined> {
  yield file;
  for (const entry of file.entries) yield* allFiles(entry);
}

/** The part and all that is in it, outermost first. */
export function* allParts(part: ContentPart): Generator<ContentPart, void, undefined> {
  yield part;
  for (const child of part.children) yield* allParts(child);
}
