import {
  Button,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Text,
  tokens,
} from "@fluentui/react-components";
import { CheckmarkRegular, CodeRegular, CopyRegular } from "@fluentui/react-icons";
import { Suspense, useState } from "react";
import { formatCommandLine } from "../api/command-line.ts";
import { secretsOf, useFacts } from "../api/facts.ts";
import type { AnyCall } from "../api/run-cmdlet.ts";
import { visibleText } from "../base/visible-text.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  surface: { maxWidth: "min(640px, 90vw)" },
  line: {
    display: "block",
    margin: "8px 0",
    padding: "8px",
    overflowWrap: "anywhere",
    fontFamily: tokens.fontFamilyMonospace,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

/** A button that shows the command line of a call, and copies it. */
export function ShowCmdlet({ call }: { readonly call: AnyCall }) {
  const styles = useStyles();
  return (
    <Popover trapFocus withArrow>
      <PopoverTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<CodeRegular />}>
          {texts.showCmdlet}
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label={texts.showCmdlet}>
        <Suspense fallback={texts.loading}>
          <CommandLine call={call} />
        </Suspense>
      </PopoverSurface>
    </Popover>
  );
}

/** The command line of a call with a button that copies it. */
export function CommandLine({ call }: { readonly call: AnyCall }) {
  const styles = useStyles();
  const [isCopied, setCopied] = useState(false);
  const line = formatCommandLine(call, secretsOf(useFacts(call.cmdlet)));
  const copy = async () => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
  };
  return (
    <div>
      <Text size={200}>{texts.showCmdletHint}</Text>
      <code className={styles.line}>
        <bdi>{visibleText(line)}</bdi>
      </code>
      <Button icon={isCopied ? <CheckmarkRegular /> : <CopyRegular />} onClick={() => void copy()}>
        {isCopied ? texts.copied : texts.copy}
      </Button>
    </div>
  );
}
