import { Checkbox, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { texts } from "./lists-texts.ts";

/** Whether a list may be changed here, and with which further parameter. */
interface Declared {
  readonly mayChange: boolean;
  readonly force: { readonly Force?: true };
  /** Says where it has to be changed for good; nothing where that is here. */
  readonly notice: ReactNode;
}

/**
 * A list of what a configuration file declares: its place in that file is told, and it is changed
 * here only by who says that it is to hold until the server reads the file again.
 */
export function useDeclared(
  file: string | null | undefined,
  how: {
    /** The cmdlet that changes it. */
    readonly cmdlet: string;
    /** What it is in the file: `senderFilterConfig`. */
    readonly place: string;
  },
): Declared {
  const mayRun = useMayRun()(how.cmdlet);
  const [isForced, setForced] = useState(false);
  if (!file) return { mayChange: mayRun, force: {}, notice: null };
  const notice = (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        {texts.declared(visibleText(file), visibleText(how.place))}
        {mayRun && (
          <Checkbox
            label={texts.changeAnyway}
            checked={isForced}
            onChange={(_event, { checked }) => setForced(checked === true)}
          />
        )}
      </MessageBarBody>
    </MessageBar>
  );
  const force = isForced ? ({ Force: true } as const) : {};
  return { mayChange: mayRun && isForced, force, notice };
}
