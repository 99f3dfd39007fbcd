/** The bytes that a text in base64 stands for. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

const CHUNK_BYTES = 24_576;

/** The other way round. */
export function base64OfBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // A multiple of three octets at a time: the pieces can be joined.
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES))));
  }
  return pieces.join("");
}

/** Has the browser save a file. */
export function saveFile(file: {
  readonly name: string;
  readonly type: string;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}): void {
  const url = URL.createObjectURL(new Blob([...file.pieces], { type: file.type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(url);
}
