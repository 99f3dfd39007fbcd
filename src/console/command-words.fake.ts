/** Cuts a command as a shell would: words, and quotes of both kinds, joined where they touch. */
export function splitWords(command: string): readonly string[] {
  const words = command.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_whole, single?: string, double?: string) => {
      return single ?? double ?? "";
    }),
  );
}
