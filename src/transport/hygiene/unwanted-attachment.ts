import {
  type AttachmentView,
  allFiles,
  allParts,
  type ContentPart,
  type FileView,
  type MessageView,
} from "../../content/message-view.ts";
import type { AttachmentFilterListConfig } from "../../org/hygiene-settings.ts";

/** Something attached that is not wanted. */
export interface UnwantedAttachment {
  /** The outermost part that it is in. */
  readonly part: ContentPart;
  /** Its own name, `""` when it has none. */
  readonly name: string;
  /** What has found it: an entry, `EncryptedArchive`, or `LimitExceeded`. */
  readonly reason: string;
}

/** The entries of the filter, ready for use. */
export interface AttachmentPatterns {
  readonly names: readonly {
    readonly entry: string;
    readonly matches: (name: string) => boolean;
  }[];
  readonly types: readonly {
    readonly entry: string;
    readonly matches: (type: string) => boolean;
  }[];
}

const COMPILED = new WeakMap<readonly { readonly name: string }[], AttachmentPatterns>();

/** `FileName:*.exe`, `ContentType:application/hta`; worked out once for each list. */
export function compileEntries(entries: readonly { readonly name: string }[]): AttachmentPatterns {
  let compiled = COMPILED.get(entries);
  if (compiled === undefined) {
    const [names, types] = ["FileName:", "ContentType:"].map((kind) =>
      entries.flatMap(({ name: entry }) =>
        entry.startsWith(kind) ? [{ entry, matches: matcherOf(entry.slice(kind.length)) }] : [],
      ),
    );
    compiled = { names: names ?? [], types: types ?? [] };
    COMPILED.set(entries, compiled);
  }
  return compiled;
}

/** `*` is any text. Linear: each piece is looked for once, behind the one before. */
function matcherOf(pattern: string): (text: string) => boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const last = rest.pop();
  return (text) => {
    const folded = text.toLowerCase();
    if (last === undefined) return folded === first;
    if (!folded.startsWith(first) || folded.length < first.length + last.length) return false;
    let at = first.length;
    for (const piece of rest) {
      const found = folded.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return folded.endsWith(last) && folded.length - last.length >= at;
  };
}

/** What is in a message that the settings don't want: at most one finding for each outer part. */
export function findUnwanted(
  patterns: AttachmentPatterns,
  { encryptedArchivesEnabled }: Pick<AttachmentFilterListConfig, "encryptedArchivesEnabled">,
  message: { readonly view: MessageView; readonly attachments: readonly AttachmentView[] },
): readonly UnwantedAttachment[] {
  const { view, attachments } = message;
  const found = new Map<ContentPart, UnwantedAttachment>();
  for (const part of allParts(view.root)) {
    if (part.kind === "multipart") continue;
    const reason = labelled(patterns, part);
    if (reason !== undefined) found.set(part, { part, name: part.fileName ?? "", reason });
  }
  const byPath = new Map([...allParts(view.root)].map((part) => [part.path, part]));
  for (const attachment of attachments) {
    const part = byPath.get(attachment.path);
    if (part === undefined || found.has(part)) continue;
    for (const file of allFiles(attachment)) {
      const reason = contained(patterns, file) ?? closed(file, encryptedArchivesEnabled);
      if (reason === undefined) continue;
      found.set(part, { part, name: file.name, reason });
      break;
    }
  }
  return [...found.values()];
}

/** What the message says of a part. */
function labelled({ names, types }: AttachmentPatterns, part: ContentPart): string | undefined {
  const { fileName, otherName, mediaType } = part;
  const called = [fileName, otherName].filter((name) => name !== undefined);
  const byName = names.find(({ matches }) => called.some(matches));
  return (byName ?? types.find(({ matches }) => matches(mediaType)))?.entry;
}

const WINDOWS_PROGRAM = "application/vnd.microsoft.portable-executable";

/** What the bytes of a file are, and how an archive calls it. */
function contained({ names, types }: AttachmentPatterns, file: FileView): string | undefined {
  const name = file.name.slice(
    Math.max(file.name.lastIndexOf("/"), file.name.lastIndexOf("\\")) + 1,
  );
  const { detectedType = "" } = file;
  // Whoever blocks programs by their name or old type means them under any other name as well.
  const isProgram = detectedType === WINDOWS_PROGRAM;
  const called = isProgram ? [name, "program.exe"] : [name];
  const known = isProgram ? [detectedType, "application/x-msdownload"] : [detectedType];
  const byName = names.find(({ matches }) => called.some((one) => one !== "" && matches(one)));
  return (byName ?? types.find(({ matches }) => known.some((one) => one !== "" && matches(one))))
    ?.entry;
}

function closed(file: FileView, takesEncrypted: boolean): string | undefined {
  if (file.outcome === "limitExceeded") return "LimitExceeded";
  return file.isPasswordProtected && !takesEncrypted ? "EncryptedArchive" : undefined;
}
