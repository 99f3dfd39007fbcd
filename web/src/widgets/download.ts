import { type AnyCall, type RunOptions, runAny } from "../api/run-cmdlet.ts";
import { textOf } from "../base/text-of.ts";

/**
 * Runs a cmdlet whose output is a file, and has the browser save it. `content` is the property
 * with the bytes, in base64 and in order. @throws CmdletFault
 */
export async function downloadOutput(
  call: AnyCall,
  file: { readonly name: string; readonly content: string; readonly type?: string },
  options: Pick<RunOptions<never>, "signal" | "onProgress"> = {},
): Promise<void> {
  const parts: BlobPart[] = [];
  await runAny<Readonly<Record<string, unknown>>>(call, {
    ...options,
    onObject: (part) => parts.push(bytesOf(textOf(part[file.content] ?? ""))),
  });
  // Never shown by the browser itself, whatever is in it: it is saved.
  const blob = new Blob(parts, { type: file.type ?? "application/octet-stream" });
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(url);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
