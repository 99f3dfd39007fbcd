import { Spinner } from "@fluentui/react-components";
import { texts } from "./texts.ts";

/** Stands where something is being read. */
export function Loading(props: { readonly size?: "tiny" | "medium" }) {
  return <Spinner size={props.size ?? "medium"} label={texts.loading} />;
}
