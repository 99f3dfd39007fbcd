import { useEffect, useState } from "react";

/** A value once it has not changed for so long, so that not every key asks the server. */
export function useSettled<Value>(value: Value, settledMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settledMs);
    return () => clearTimeout(timer);
  }, [value, settledMs]);
  return settled;
}
