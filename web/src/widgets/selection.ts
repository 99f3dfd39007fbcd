import { useCallback, useState } from "react";

/** Which rows are selected, by key. */
export interface Selection {
  readonly keys: ReadonlySet<string>;
  readonly toggle: (key: string) => void;
  readonly add: (keys: readonly string[]) => void;
  readonly set: (keys: readonly string[]) => void;
}

/** A selection that begins empty. */
export function useSelection(): Selection {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((key: string) => {
    setKeys((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  }, []);
  const add = useCallback((more: readonly string[]) => {
    setKeys((before) => new Set([...before, ...more]));
  }, []);
  const set = useCallback((all: readonly string[]) => setKeys(new Set(all)), []);
  return { keys, toggle, add, set };
}
