/**
 * The values of one CSV line without its line end (RFC 4180 §2, no line breaks inside quotes).
 * Total: whatever the line is, it has values; text behind a closing quote belongs to its value.
 */
export function splitCsvLine(line: string): readonly string[] {
  // Nine lines in ten have no quote at all.
  if (!line.includes('"')) return line.split(",");
  const values: string[] = [];
  let from = 0;
  let at = 0;
  let quote = line.indexOf('"');
  for (;;) {
    const comma = line.indexOf(",", at);
    if (quote >= 0 && (comma < 0 || quote < comma)) {
      const end = line.indexOf('"', quote + 1);
      if (end < 0) break;
      at = end + 1;
      quote = line.indexOf('"', at);
    } else if (comma < 0) {
      break;
    } else {
      values.push(unquoted(line.slice(from, comma)));
      from = comma + 1;
      at = from;
    }
  }
  values.push(unquoted(line.slice(from)));
  return values;
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const inner = value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value.slice(1);
  return inner.replaceAll('""', '"');
}
