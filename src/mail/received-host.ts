/** Skips the comment that opens at `start`; index of its closing parenthesis, or the end. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\\") index += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return text.length;
}

/** The text without its comments, each replaced by a space, up to the date. */
function withoutComments(text: string): string {
  let plain = "";
  let at = 0;
  for (let open = text.indexOf("("); open >= 0; open = text.indexOf("(", at)) {
    plain += `${text.slice(at, open)} `;
    at = Math.min(endOfComment(text, open) + 1, text.length);
  }
  plain += text.slice(at);
  const semicolon = plain.indexOf(";");
  return semicolon < 0 ? plain : plain.slice(0, semicolon);
}

/**
 * The host after `by` in the value of a Received field (RFC 5321 §4.4), in lower case; `""` when
 * there is none. Names in comments do not count: anybody may be called anything there.
 */
export function receivedByHost(value: string): string {
  const words = withoutComments(value).trim().toLowerCase().split(/\s+/);
  // The word after `from` is the client's to choose, and may be "by".
  const by = words.indexOf("by", words[0] === "from" ? 2 : 0);
  return by < 0 ? "" : (words[by + 1] ?? "");
}
