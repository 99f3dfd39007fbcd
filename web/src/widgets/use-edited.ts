import { useRef } from "react";

/**
 * The object that is open, as it was found; while it is being edited it stays, also when somebody
 * else has removed it: what was typed is not lost, and saving it says what has happened.
 */
export function useEdited<Shown>(of: {
  readonly name: string | undefined;
  readonly found: Shown | undefined;
  readonly isEditing: boolean;
}): Shown | undefined {
  const { name, found, isEditing } = of;
  const last = useRef({ name, found });
  const isKept = found === undefined && isEditing && last.current.name === name;
  if (!isKept) last.current = { name, found };
  return last.current.found;
}
