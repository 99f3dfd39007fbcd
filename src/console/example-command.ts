/** A word of an example: outside quotes, in quotes, or a hash literal with whatever is in it. */
const WORD = /(?:@\{[^}]*\}|[^\s'"]|'[^']*'|"[^"]*")+/g;
const PIPE = /(?:^|\s)\|(?:\s|$)/;

/** Examples are written as PowerShell would have them; only the shell of ours has a pipe. */
export function isPipeline(command: string): boolean {
  return PIPE.test(command.replace(/'[^']*'|"[^"]*"/g, ""));
}

/**
 * An example as it is typed: behind `postrider` in a POSIX shell, which must be kept from what it
 * would make of `$null`, `;` and quotes within quotes; or at the prompt of `postrider shell`.
 */
export function formatExample(command: string): string {
  if (isPipeline(command)) return `postrider> ${command}`;
  if (command.startsWith("postrider ")) return command;
  const words = command.match(WORD) ?? [];
  return ["postrider", ...words.map(protectWord)].join(" ");
}

function protectWord(word: string): string {
  // -Confirm:$false is understood even when the shell has taken its end away.
  if (/^-confirm:\$false$/i.test(word)) return word;
  const outside = word.replace(/'[^']*'/g, "");
  if (!/[$`;{}*]/.test(outside.replace(/"[^"$`]*"/g, ""))) return word;
  const isQuoted = /^"[^"]*"$/.test(word);
  const text = isQuoted ? word.slice(1, -1) : word;
  // In single quotes nothing is taken away; filters and hash literals know both kinds.
  return `'${text.replaceAll("'", '"')}'`;
}
