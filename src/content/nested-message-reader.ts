import type { FileFindings, Look, OpenFile } from "./file-reader.ts";
import type { ContentPart, FileView, MessageView } from "./message-view.ts";
import { partContent } from "./part-content.ts";
import { readMessage } from "./read-message.ts";
import { readSignedContent } from "./signed-content.ts";

/** Text and attachments of a message that is attached to another one. */
export async function readNestedMessage(file: OpenFile, look: Look): Promise<FileFindings> {
  const limits = {
    ...look.limits,
    depthMax: look.limits.depthMax - file.depth,
    decodedBytesMax: look.budget.bytesLeft,
  };
  const read = readMessage(file.bytes, limits);
  if (!read.ok) return { outcome: "limitExceeded" };
  const entries = await readAttachments(read.value, file, look);
  const text = messageText(read.value, look.limits.textLengthMax);
  const isAll = entries.length === read.value.attachments.length;
  return { outcome: isAll ? "read" : "limitExceeded", text, entries };
}

/** The message in a signature of S/MIME. A signature beside its message has nothing in it. */
export async function readSigned(file: OpenFile, look: Look): Promise<FileFindings> {
  const content = readSignedContent(file.bytes);
  if (content === undefined) return { outcome: "unsupported" };
  if (content === "detached") return { outcome: "read" };
  if (!look.budget.takeFile()) return { outcome: "limitExceeded" };
  const mediaType = "message/rfc822";
  const inner = { name: "", bytes: content, mediaType, charset: undefined, depth: file.depth + 1 };
  return { outcome: "read", entries: [await look.inspect(inner)] };
}

function messageText({ subject, bodies }: MessageView, lengthMax: number): string {
  return [subject, ...bodies.map((body) => body.text)].join("\n").slice(0, lengthMax);
}

async function readAttachments(
  view: MessageView,
  file: Pick<OpenFile, "bytes" | "depth">,
  look: Look,
): Promise<readonly FileView[]> {
  const entries: FileView[] = [];
  for (const part of view.attachments) {
    if (!look.budget.takeFile()) break;
    entries.push(await look.inspect(attachedFile(file.bytes, part, file.depth + 1)));
  }
  return entries;
}

/** A part of a message as a file. */
export function attachedFile(message: Buffer, part: ContentPart, depth: number): OpenFile {
  return {
    name: part.fileName ?? "",
    otherName: part.otherName,
    bytes: partContent(message, part),
    mediaType: part.mediaType,
    charset: part.charset,
    depth,
  };
}
