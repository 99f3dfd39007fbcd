import { Field, makeStyles, Textarea } from "@fluentui/react-components";
import { useDeferredValue, useState } from "react";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { HEADER_CHARACTERS_MAX } from "./header-fields.ts";
import { HeaderReport } from "./header-report.tsx";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  text: { width: "100%" },
});

/** A box for a header, and what that says. */
export function HeaderPaste() {
  const styles = useStyles();
  const [text, setText] = useState("");
  const deferred = useDeferredValue(text);
  return (
    <div className={styles.root}>
      <Field label={texts.headersLabel}>
        <Textarea
          className={styles.text}
          value={text}
          rows={6}
          resize="vertical"
          spellCheck={false}
          maxLength={HEADER_CHARACTERS_MAX}
          placeholder={texts.headersHint}
          onChange={(_event, { value }) => setText(value)}
        />
      </Field>
      {deferred.trim() === "" ? (
        <EmptyState title={texts.headersEmptyTitle}>{texts.headersEmptyHint}</EmptyState>
      ) : (
        <HeaderReport text={deferred} />
      )}
    </div>
  );
}
