import { crc32, deflateRawSync } from "node:zlib";

/** A file that goes into an archive. */
interface PackedFile {
  readonly name: string;
  readonly content: Buffer | string;
  /** Marked as encrypted; its bytes are as they are. */
  readonly isEncrypted?: boolean;
  /** What the list of entries says that it unpacks to, when that is a lie. */
  readonly claimedBytes?: number;
}

/** A zip archive, as an archiver of today writes it. */
export function zipOf(files: readonly PackedFile[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isEncrypted = false, claimedBytes } of files) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const rawName = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800 | (isEncrypted ? 1 : 0), 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claimedBytes ?? bytes.length, 18);
    fields.writeUInt16LE(rawName.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, rawName, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), fields, place, rawName]));
    locals.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, list, Buffer.from("PK\x05\x06"), end]);
}

/** A tar archive (ustar). */
export function tarOf(files: readonly PackedFile[]): Buffer {
  const blocks = files.flatMap(({ name, content }) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0, "latin1");
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
    header.write("0", 156, "latin1");
    header.write("ustar\x0000", 257, "latin1");
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A compound file with these streams, each filled up to the size from which none is small. */
export function compoundOf(streams: ReadonlyMap<string, Buffer>, classId = ""): Buffer {
  const sector = 512;
  const bodies = [...streams.values()].map((bytes) =>
    Buffer.concat([bytes, Buffer.alloc(Math.max(0, 4096 - bytes.length))]),
  );
  const directorySectors = Math.ceil((streams.size + 1) / 4);
  const fat: number[] = [0xfffffffd];
  const chain = (count: number): number => {
    const start = fat.length;
    for (let index = 1; index <= count; index += 1) {
      fat.push(index === count ? 0xfffffffe : start + index);
    }
    return start;
  };
  const directoryStart = chain(directorySectors);
  const starts = bodies.map((body) => chain(Math.ceil(body.length / sector)));
  const header = Buffer.alloc(sector);
  header.write("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1");
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(directoryStart, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(0xfffffffe, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  header.fill(0xff, 76);
  header.writeUInt32LE(0, 76);
  const table = Buffer.alloc(sector, 0xff);
  for (const [index, next] of fat.entries()) table.writeUInt32LE(next, 4 * index);
  const directory = Buffer.alloc(directorySectors * sector);
  const write = (
    index: number,
    entry: { name: string; type: number; start: number; size: number },
  ) => {
    const at = index * 128;
    directory.write(entry.name, at, "utf16le");
    directory.writeUInt16LE((entry.name.length + 1) * 2, at + 64);
    directory[at + 66] = entry.type;
    directory.writeUInt32LE(entry.start, at + 116);
    directory.writeUInt32LE(entry.size, at + 120);
  };
  write(0, { name: "Root Entry", type: 5, start: 0xfffffffe, size: 0 });
  directory.write(classId, 80, "hex");
  for (const [index, name] of [...streams.keys()].entries()) {
    const [start, size] = [starts[index] ?? 0, bodies[index]?.length ?? 0];
    write(index + 1, { name, type: 2, start, size });
  }
  const padded = bodies.map((body) =>
    Buffer.concat([body, Buffer.alloc((sector - (body.length % sector)) % sector)]),
  );
  return Buffer.concat([header, table, directory, ...padded]);
}

/** A stream of properties (MS-OLEPS): one set, strings in code page 1252. */
export function propertySetOf(properties: ReadonlyMap<number, string>): Buffer {
  const values = [...properties].map(([id, text]) => {
    const bytes = Buffer.from(`${text}\0`, "latin1");
    const value = Buffer.alloc(8 + bytes.length);
    value.writeUInt32LE(0x1e, 0);
    value.writeUInt32LE(bytes.length, 4);
    bytes.copy(value, 8);
    return { id, value };
  });
  const list = Buffer.alloc(8 + 8 * values.length);
  let at = list.length;
  for (const [index, { id, value }] of values.entries()) {
    list.writeUInt32LE(id, 8 + 8 * index);
    list.writeUInt32LE(at, 12 + 8 * index);
    at += value.length;
  }
  list.writeUInt32LE(at, 0);
  list.writeUInt32LE(values.length, 4);
  const header = Buffer.alloc(48);
  header.writeUInt32LE(1, 24);
  header.writeUInt32LE(48, 44);
  return Buffer.concat([header, list, ...values.map(({ value }) => value)]);
}

/** A PDF of one page per text; `stream` stands in for the first page's content. */
export function pdfOf(texts: readonly string[], stream?: PdfStream): Buffer {
  const pages = texts.map((_, index) => `${4 + 2 * index} 0 R`).join(" ");
  const objects: Buffer[] = [
    Buffer.from("<< /Type /Catalog /Pages 2 0 R >>"),
    Buffer.from(`<< /Type /Pages /Kids [${pages}] /Count ${texts.length} >>`),
    Buffer.from("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
  ];
  for (const [index, text] of texts.entries()) {
    const content = `${5 + 2 * index} 0 R`;
    const resources = "/Resources << /Font << /F1 3 0 R >> >>";
    objects.push(
      Buffer.from(`<< /Type /Page /Parent 2 0 R ${resources} /Contents ${content} >>`),
      pdfStream(
        index === 0 && stream !== undefined
          ? stream
          : { filter: "", bytes: Buffer.from(`BT /F1 12 Tf 72 720 Td (${text}) Tj ET`) },
      ),
    );
  }
  const pieces: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  const offsets: number[] = [];
  let at = pieces[0]?.length ?? 0;
  for (const [index, object] of objects.entries()) {
    const piece = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      object,
      Buffer.from("\nendobj\n"),
    ]);
    offsets.push(at);
    at += piece.length;
    pieces.push(piece);
  }
  const rows = offsets.map((offset) => `${`${offset}`.padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  pieces.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows}` +
        `trailer << /Size ${size} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(pieces);
}

/** A stream as it stands in a PDF. */
interface PdfStream {
  readonly filter: string;
  readonly bytes: Buffer;
}

function pdfStream({ filter, bytes }: PdfStream): Buffer {
  return Buffer.concat([
    Buffer.from(`<< /Length ${bytes.length} ${filter} >>\nstream\n`),
    bytes,
    Buffer.from("\nendstream"),
  ]);
}
