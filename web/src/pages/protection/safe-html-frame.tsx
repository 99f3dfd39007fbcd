import { makeStyles, tokens } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { texts } from "./quarantine-texts.ts";
import { cleanHtml } from "./safe-html.ts";

const useStyles = makeStyles({
  frame: {
    width: "100%",
    height: "480px",
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    // Mail is written for white paper.
    backgroundColor: "#ffffff",
    colorScheme: "light",
  },
});

/**
 * Hostile HTML as it looks, in three layers each of which would do: what is in it has been taken
 * out, the frame may run, open and send nothing and has no origin, and the page's content policy
 * holds in it, too.
 */
export function SafeHtmlFrame({ html }: { readonly html: string }) {
  const styles = useStyles();
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const { current } = frame;
    if (current === null) return;
    // The type of the property is older than Trusted Types.
    current.srcdoc = cleanHtml(html) as unknown as string;
  }, [html]);
  return (
    <iframe
      ref={frame}
      title={texts.htmlFrame}
      sandbox=""
      referrerPolicy="no-referrer"
      className={styles.frame}
    />
  );
}
