import { Button } from "@fluentui/react-components";
import { CheckmarkRegular, CopyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { texts } from "./texts.ts";

/** Copies a text. Without a title it is a sign alone, and its label says of what. */
export function CopyButton(props: {
  readonly text: string;
  readonly title?: string;
  readonly label?: string;
}) {
  const { text, title = texts.copy, label } = props;
  const [copied, setCopied] = useState<string>();
  const isCopied = copied === text;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  const word = isCopied ? texts.copied : title;
  return (
    <Button
      icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />}
      {...(label !== undefined && { "aria-label": `${word}: ${label}`, appearance: "subtle" })}
      onClick={() => void copy()}
    >
      {label === undefined && word}
    </Button>
  );
}
