import { Spinner } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import { texts } from "./texts.ts";

const SLOW_MS = 8_000;

/** Stands where something is being read; says so when that takes long. */
export function Loading(props: { readonly size?: "tiny" | "medium" }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setSlow(true), SLOW_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <Spinner size={props.size ?? "medium"} label={isSlow ? texts.loadingSlowly : texts.loading} />
  );
}
